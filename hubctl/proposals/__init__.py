"""A plan as branch, commit and pull request: identity, wording, the decision table, GitHub."""
