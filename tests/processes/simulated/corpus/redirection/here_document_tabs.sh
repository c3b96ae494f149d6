# <<- takes the tabs at the beginning away.
if true; then
	cat <<- END
		indented
	not indented
	END
fi
