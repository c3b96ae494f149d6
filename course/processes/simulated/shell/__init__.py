"""The shell's language, and what dash does with it: from characters to words, commands and what they do."""
