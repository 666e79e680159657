"""征询: a public-consultation platform for plans of Chinese districts and towns."""
