"""The lists that pages and the REST interface share: one question each, a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.run.browse import ask as look
from auditor.run.browse import site_of
from auditor.run.tokens import tokens_of
from auditor.store import browse, browse_board, browse_findings
from auditor.store.browse import Slice
from auditor.store.bulk import clean
from auditor.web import answers
from auditor.web.visitors import Visitor

MOST_DUES = 500


@dataclass(frozen=True, slots=True)
class Lists:
    """What a store says to a visitor, by its URL, of the sites they may see."""

    store: str

    def sites(self, visitor: Visitor) -> answers.SiteList:
        """Return every site with its counts."""
        return answers.SiteList(items=look(self.store, browse.sites, visitor.scope))

    def devices(self, visitor: Visitor, ask: answers.DeviceAsk) -> answers.DeviceList:
        """Return a page of devices."""
        question = browse.DeviceQuestion(site=clean(ask.site), outcome=ask.outcome, text=clean(ask.text))
        return answers.DeviceList(**self._page(visitor, ask, (int,), browse.devices, question))

    def findings(self, visitor: Visitor, ask: answers.FindingAsk) -> answers.FindingList:
        """Return a page of findings."""
        question = browse_findings.FindingQuestion(
            maker=clean(ask.maker), verdict=ask.verdict, law=clean(ask.law), site=clean(ask.site)
        )
        return answers.FindingList(**self._page(visitor, ask, (int, str, str), browse_findings.findings, question))

    def choices(self, visitor: Visitor) -> Mapping[str, Sequence[str]]:
        """Return the makers and laws that findings can be asked for by."""
        return look(self.store, browse_findings.choices, visitor.scope)

    def unread(self, visitor: Visitor, ask: answers.SiteAsk) -> answers.UnreadList:
        """Return a page of what could not be read."""
        return answers.UnreadList(**self._page(visitor, ask, (str, int), browse_findings.failures, clean(ask.site)))

    def due(self, visitor: Visitor, site: str) -> answers.DueList:
        """Return what is due, the earliest day first."""
        return answers.DueList(items=look(self.store, browse_findings.dues, visitor.scope, clean(site), MOST_DUES))

    def runs(self, visitor: Visitor, ask: answers.SiteAsk) -> answers.RunList:
        """Return a page of what runs did at sites."""
        return answers.RunList(**self._page(visitor, ask, (int,), browse.runs, clean(ask.site)))

    def events(self, visitor: Visitor, run: str, ask: answers.SiteAsk) -> answers.EventList:
        """Return a page of what a run told of devices."""
        return answers.EventList(**self._page(visitor, ask, (int,), browse.events, clean(run)))

    def board(self, visitor: Visitor, ask: answers.BoardAsk) -> answers.BoardList:
        """Return a page of the removal board."""
        return answers.BoardList(**self._page(visitor, ask, (int,), browse_board.board, clean(ask.site), ask.state))

    def _page(
        self, visitor: Visitor, ask: answers.SiteAsk, key: Sequence[type], question: Callable[..., Slice], *words: Any
    ) -> dict[str, Any]:
        """Return `items` and `next` of a page; `key` has the types of what a row is found by."""
        place = answers.window(visitor.scope, ask.after, ask.limit, *key)
        rows = look(self.store, question, place, *words)
        return {"items": rows.items, "next": answers.following(rows)}

    def demand(self, visitor: Visitor, device: str) -> str:
        """Return the site of a device they may see; any other is a `UsageError`."""
        return site_of(device, self.store, visitor.scope)

    def tokens(self, visitor: Visitor) -> answers.TokenList:
        """Return every token that reaches no further than the visitor."""
        words = list(answers.TokenLine.__dataclass_fields__)
        own = visitor.scope.sites
        entries = [one for one in tokens_of(self.store) if own is None or (one.sites and own.issuperset(one.sites))]
        return answers.TokenList(
            items=[answers.TokenLine(**{word: getattr(one, word) for word in words}) for one in entries]
        )
