"""The lists that pages and the REST interface share: one question each, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.run.browse import ask as look
from auditor.run.browse import site_of
from auditor.run.tokens import tokens_of
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
        from auditor.store import browse

        return answers.SiteList(items=look(self.store, browse.sites, visitor.scope))

    def devices(self, visitor: Visitor, ask: answers.DeviceAsk) -> answers.DeviceList:
        """Return a page of devices."""
        from auditor.store import browse

        question = browse.DeviceQuestion(site=clean(ask.site), outcome=ask.outcome, text=clean(ask.text))
        place = answers.window(visitor.scope, ask.after, ask.limit, int)
        rows = look(self.store, browse.devices, place, question)
        return answers.DeviceList(items=rows.items, next=answers.following(rows))

    def findings(self, visitor: Visitor, ask: answers.FindingAsk) -> answers.FindingList:
        """Return a page of findings."""
        from auditor.store import browse_findings

        question = browse_findings.FindingQuestion(
            maker=clean(ask.maker), verdict=ask.verdict, law=clean(ask.law), site=clean(ask.site)
        )
        place = answers.window(visitor.scope, ask.after, ask.limit, int, str, str)
        rows = look(self.store, browse_findings.findings, place, question)
        return answers.FindingList(items=rows.items, next=answers.following(rows))

    def choices(self, visitor: Visitor) -> Mapping[str, Sequence[str]]:
        """Return the makers and laws that findings can be asked for by."""
        from auditor.store import browse_findings

        return look(self.store, browse_findings.choices, visitor.scope)

    def unread(self, visitor: Visitor, ask: answers.SiteAsk) -> answers.UnreadList:
        """Return a page of what could not be read."""
        from auditor.store import browse_findings

        place = answers.window(visitor.scope, ask.after, ask.limit, str, int)
        rows = look(self.store, browse_findings.failures, place, clean(ask.site))
        return answers.UnreadList(items=rows.items, next=answers.following(rows))

    def due(self, visitor: Visitor, site: str) -> answers.DueList:
        """Return what is due, the earliest day first."""
        from auditor.store import browse_findings

        return answers.DueList(items=look(self.store, browse_findings.dues, visitor.scope, clean(site), MOST_DUES))

    def runs(self, visitor: Visitor, ask: answers.SiteAsk) -> answers.RunList:
        """Return a page of what runs did at sites."""
        from auditor.store import browse

        place = answers.window(visitor.scope, ask.after, ask.limit, int)
        rows = look(self.store, browse.runs, place, clean(ask.site))
        return answers.RunList(items=rows.items, next=answers.following(rows))

    def events(self, visitor: Visitor, run: str, ask: answers.SiteAsk) -> answers.EventList:
        """Return a page of what a run told of devices."""
        from auditor.store import browse

        place = answers.window(visitor.scope, ask.after, ask.limit, int)
        rows = look(self.store, browse.events, place, clean(run))
        return answers.EventList(items=rows.items, next=answers.following(rows))

    def board(self, visitor: Visitor, ask: answers.BoardAsk) -> answers.BoardList:
        """Return a page of the removal board."""
        from auditor.store import browse_board

        place = answers.window(visitor.scope, ask.after, ask.limit, int)
        rows = look(self.store, browse_board.board, place, clean(ask.site), ask.state)
        return answers.BoardList(items=rows.items, next=answers.following(rows))

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
