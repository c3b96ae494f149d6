# mkdir -p makes what is missing on the way, and does not mind what is there.
mkdir -p docs/api/v3/draft
mkdir -p docs/api
ls docs/api
