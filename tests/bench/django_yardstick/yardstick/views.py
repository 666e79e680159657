"""The section page, the form and the receipt."""

import secrets

from django import forms
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.shortcuts import get_object_or_404, redirect, render

from yardstick.models import Comment, Passage, Section

PER_PASSAGE = 3


def section(request, key):
    """The text, how many spoke to each paragraph, and the most supported opinions beside it."""
    here = get_object_or_404(Section, key=key)
    spoken = Count("comments", filter=Q(comments__withdrawn=False))
    passages = list(here.passages.annotate(count=spoken))
    shown = (
        Comment.objects.filter(section=here, published=True, withdrawn=False)
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=F("passage_id"),
                order_by=[F("support_count").desc(), F("id")],
            )
        )
        .filter(place__lte=PER_PASSAGE)
        .order_by("place")
    )
    beside = {}
    for comment in shown:
        beside.setdefault(comment.passage_id, []).append(comment)
    for passage in passages:
        passage.shown = beside.get(passage.id, [])
    context = {
        "section": here,
        "passages": passages,
        "total": sum(passage.count for passage in passages),
        "outline": Section.objects.filter(level=1),
    }
    return render(request, "section.html", context)


class CommentForm(forms.ModelForm):
    class Meta:
        model = Comment
        fields = ("text",)


def comment(request, key):
    """The form; a good one is stored before its receipt is shown."""
    passage = get_object_or_404(Passage.objects.select_related("section"), key=key)
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        row.section, row.passage = passage.section, passage
        row.receipt = secrets.token_urlsafe(16)
        row.save()
        return redirect("receipt", code=row.receipt)
    return render(request, "comment.html", {"form": form, "passage": passage})


def receipt(request, code):
    row = get_object_or_404(Comment.objects.select_related("passage"), receipt=code)
    return render(request, "receipt.html", {"comment": row})
