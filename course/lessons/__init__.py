"""What a notebook uses: exercises and their feedback, hints, predictions, and the progress that is kept."""
