"""Pictures and forms to touch: each one Python class beside one plain `.js` and `.css` file."""
