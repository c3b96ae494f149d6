# A new directory may replace an empty lower one.
mkdir full
touch full/f
mv -T full empty
ls empty
