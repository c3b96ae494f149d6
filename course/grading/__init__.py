"""What a classroom uses: exercises, their checks, and the judge that runs an answer against them."""
