-- Grain: one question: to which of several spans that are open at once a stretch belongs. Inputs: questions (made by
-- totals.py), clipped_spans. It is the one that started last.
select
    questions.question,
    arg_max(clipped_spans.name_number, (clipped_spans.started_us, clipped_spans.name_number)) as name_number
from questions
inner join clipped_spans
    on
        questions.loop_number = clipped_spans.loop_number
        and questions.kind_number = clipped_spans.kind_number
        and questions.from_us >= clipped_spans.started_us
        and questions.to_us <= clipped_spans.ended_us
group by questions.question
