"""What a Dockerfile says: its text, its variables, its build context, and what COPY and ADD put where."""
