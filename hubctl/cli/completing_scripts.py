"""The scripts of `hubctl completion`: each asks hubctl for words, one a line, and runs nothing of the answer."""

from __future__ import annotations

from typing import Literal, TypeAlias

Shell: TypeAlias = Literal["bash", "zsh", "fish"]

_BASH = r"""# hubctl completion for bash; in ~/.bashrc: eval "$(hubctl completion bash)"
_hubctl() {
    local word quoted
    COMPREPLY=()
    while IFS= read -r word; do
        [[ -n $word ]] || continue
        printf -v quoted '%q' "$word"
        COMPREPLY+=("$quoted")
    done < <(
        IFS=$'\n'
        env _HUBCTL_COMPLETE=complete_bash COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" \
            "${1:-hubctl}" 2>/dev/null
    )
}
complete -o bashdefault -o default -F _hubctl hubctl
"""

_ZSH = r"""#compdef hubctl
# hubctl completion for zsh; in ~/.zshrc, after compinit: eval "$(hubctl completion zsh)"
_hubctl() {
    local -a found
    found=("${(@f)$(env _HUBCTL_COMPLETE=complete_bash COMP_WORDS="${(pj:\n:)words[1,CURRENT]}" \
        COMP_CWORD=$((CURRENT - 1)) "${words[1]:-hubctl}" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( $#found )); then
        compset -P '--*='
        compadd -a found
    else
        _files
    fi
}
if [[ $funcstack[1] == _hubctl ]]; then
    _hubctl "$@"
else
    compdef _hubctl hubctl
fi
"""

_FISH = r"""# hubctl completion for fish; hubctl completion fish > ~/.config/fish/completions/hubctl.fish
function __hubctl_words
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l option (string match -r -- '^--[a-z-]+=' "$current")
    set -lx _HUBCTL_COMPLETE complete_bash
    set -lx COMP_CWORD (count $before)
    set -lx COMP_WORDS (string join \n -- $before "$current" | string collect)
    set -l found (hubctl 2>/dev/null)
    if test -z "$found"
        __fish_complete_path "$current"
        return
    end
    for word in $found
        test -n "$word"; and printf '%s\n' "$option$word"
    end
end
complete --command hubctl --no-files --arguments '(__hubctl_words)'
"""

_SCRIPTS: dict[Shell, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def script(shell: Shell) -> str:
    """Return the text a shell reads to complete `hubctl`."""
    return _SCRIPTS[shell]
