"""Programs as frozen data: values, equations, regions; how they are built, checked, walked, printed and read back."""
