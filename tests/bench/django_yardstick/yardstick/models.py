"""A plan and what people say about it, as a Django tutorial would have it."""

from django.db import models


class Section(models.Model):
    key = models.CharField(max_length=32, unique=True)
    parent_key = models.CharField(max_length=32, blank=True)
    title = models.CharField(max_length=200)
    level = models.IntegerField()
    position = models.IntegerField()

    class Meta:
        ordering = ("position",)


class Passage(models.Model):
    section = models.ForeignKey(Section, models.CASCADE, related_name="passages")
    key = models.CharField(max_length=32, unique=True)
    text = models.TextField()
    position = models.IntegerField()

    class Meta:
        ordering = ("position",)


class Comment(models.Model):
    section = models.ForeignKey(Section, models.CASCADE, related_name="comments")
    passage = models.ForeignKey(Passage, models.CASCADE, related_name="comments")
    text = models.TextField()
    published = models.BooleanField(default=False)
    withdrawn = models.BooleanField(default=False)
    support_count = models.IntegerField(default=0)
    receipt = models.CharField(max_length=32, unique=True)
    received_at = models.DateTimeField(auto_now_add=True)
