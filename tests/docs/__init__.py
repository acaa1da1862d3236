"""What the pages claim is true: commands print what is shown, codes have headings, links lead somewhere."""
