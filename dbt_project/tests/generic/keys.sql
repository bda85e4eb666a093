{# The columns of `grain` tell all rows apart, and every value of a column of `references` is in the
   column of that name (or `relation.column`) of the relation. Raises which key broke, in how many
   rows. Grains are compared by hash first: only rows with equal hashes are compared in full. #}
{% test keys(model, grain=none, references={}) %}
    {{ broken_keys(model, grain, references) }}
{% endtest %}
