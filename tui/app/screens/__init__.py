"""Screens: each gathers what is known into values and hands them to widgets."""
