"""What is computed from figures and links that stand: measures of networks.

Belongs here: functions, Arrow in and Arrow out, that know no source, no release and no database;
what took long may be kept in a folder that is handed over. Does not belong here: what SQL does
better (sums over organisations, ranks), which is in `dbt_project/`; texts and plots for people.
"""
