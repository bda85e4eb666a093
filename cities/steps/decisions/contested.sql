-- Grain: label whose city another label contests: it goes to a person.
select label_id from contested_code
union
select label_id from contested_bracket
union
select label_id from contested_name
