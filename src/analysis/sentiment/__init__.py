"""How negative is a text: the exact SnowNLP baseline and a calibrated linear model."""
