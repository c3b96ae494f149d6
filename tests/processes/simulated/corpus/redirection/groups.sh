# Braces and parentheses redirect many commands at once.
{ echo one; echo two; } > group
(cd docs; ls) > sub
cat group sub
