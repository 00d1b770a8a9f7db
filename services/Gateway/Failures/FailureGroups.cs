using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Failures;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Looks at failures by their cause, and does what operators want done with all jobs of one. Any number of gateways may do so at once.</summary>
internal sealed class FailureGroups(IJobFailures failures, IJobReader jobs, IJobControl control, TimeProvider time)
{
    /// <summary>How long it can be seen what became of a replay.</summary>
    public static readonly TimeSpan KeepEndedFor = TimeSpan.FromHours(1);

    private const int Slice = 500;

    private static readonly TimeSpan NewFor = TimeSpan.FromHours(1);

    /// <summary>The causes of queues' failed jobs: those that want attention first, the largest first among them.</summary>
    public async Task<FailureList> ListAsync(IEnumerable<string> queues, int limit, CancellationToken cancellationToken)
    {
        var all = (await Task.WhenAll(queues.Select(async queue =>
        {
            var groups = failures.ListAsync(queue, cancellationToken);
            var notes = await failures.ListNotesAsync(queue, cancellationToken);
            return (await groups).Select(group => (Queue: queue, Group: group, Note: notes.GetValueOrDefault(group.Cause)));
        }))).SelectMany(groups => groups).ToList();
        var first = all
            .OrderBy(one => Current(FailureNote.Read(one.Note))?.Mute is not null)
            .ThenByDescending(one => one.Group.Count)
            .ThenBy(one => one.Group.Cause, StringComparer.Ordinal)
            .Take(limit);
        var views = await Task.WhenAll(first.Select(one => ViewAsync(one.Queue, one.Group, one.Note, cancellationToken)));
        return new FailureList(views, all.Count, all.Sum(one => one.Group.Count), time.GetUtcNow());
    }

    /// <summary>One of them; null when it has no failed jobs and no replay.</summary>
    public async Task<FailureView?> FindAsync(string queue, string cause, CancellationToken cancellationToken)
    {
        var note = (await failures.ListNotesAsync(queue, cancellationToken)).GetValueOrDefault(cause);
        var group = (await failures.ListAsync(queue, cancellationToken)).FirstOrDefault(group => group.Cause == cause);
        if (group is not null)
        {
            return await ViewAsync(queue, group, note, cancellationToken);
        }

        return Current(FailureNote.Read(note)) is { Replay: { } replay } read
            ? new FailureView(queue, cause, cause[..cause.IndexOf(':', StringComparison.Ordinal)], null, null, 0, replay.FailedUntil, replay.FailedUntil, null, [], false, read.Mute, replay)
            : null;
    }

    /// <summary>Asks for a replay of all jobs of a cause that have failed by now.</summary>
    /// <returns>The group with its replay, and whether it was asked for by this call: one that goes on is not begun anew. Null when there is no such group.</returns>
    public async Task<(FailureView? View, bool IsNew)> ReplayAsync(string queue, string cause, int rate, TimeSpan window, string who, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = (await failures.ListNotesAsync(queue, cancellationToken)).GetValueOrDefault(cause);
            var view = await FindAsync(queue, cause, cancellationToken);
            if (view is null or { Count: 0 } || view.Replay is { IsGoingOn: true })
            {
                return (view, false);
            }

            var now = time.GetUtcNow();
            var replay = new FailureReplay
            {
                State = FailureReplayState.Open,
                By = who,
                Rate = rate,
                Total = view.Count,
                DueAt = now + window,
                NextAt = now + window,
                FailedUntil = view.LastSeen,
            };
            var next = (FailureNote.Read(current) ?? new FailureNote()) with { Replay = replay };
            if (await failures.ReplaceNoteAsync(queue, cause, current, next.Write(), cancellationToken))
            {
                return (view with { Replay = replay }, true);
            }
        }
    }

    /// <summary>Undoes a replay that has not begun, or stops one that runs.</summary>
    /// <returns>The replay as it is then; null when none goes on.</returns>
    public Task<FailureNote?> StopAsync(string queue, string cause, CancellationToken cancellationToken) =>
        ChangeAsync(queue, cause, note => note.Replay is not { IsGoingOn: true } replay ? null : note with
        {
            Replay = replay with
            {
                State = replay.State == FailureReplayState.Open ? FailureReplayState.Undone : FailureReplayState.Stopped,
                EndedAt = time.GetUtcNow(),
            },
        }, cancellationToken);

    public Task<FailureNote?> MuteAsync(string queue, string cause, FailureMute? mute, CancellationToken cancellationToken) =>
        ChangeAsync(queue, cause, note => note with { Mute = mute }, cancellationToken);

    /// <summary>Removes the records of all jobs of a cause that have failed by now.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DiscardAsync(string queue, string cause, CancellationToken cancellationToken)
    {
        var removed = 0L;
        var until = (await failures.ListAsync(queue, cancellationToken)).FirstOrDefault(group => group.Cause == cause)?.LastSeen;
        while (until is not null && await failures.ListJobIdsAsync(queue, cause, until, Slice, cancellationToken) is { Count: > 0 } ids)
        {
            foreach (var id in ids)
            {
                removed += await control.RemoveAsync(queue, id, cancellationToken) == ChangeOutcome.Done ? 1 : 0;
            }
        }

        return removed;
    }

    /// <summary>Carries a queue's replays on, and forgets what is over.</summary>
    /// <returns>How many jobs wait again.</returns>
    public async Task<int> RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        var retried = 0;
        foreach (var (cause, text) in await failures.ListNotesAsync(queue, cancellationToken))
        {
            var note = FailureNote.Read(text)!;
            if (note.Replay is { IsGoingOn: true } replay && replay.NextAt <= time.GetUtcNow())
            {
                retried += await StepAsync(queue, cause, text, note, replay, cancellationToken);
            }
            else if (Current(note) is var left && left != note)
            {
                await failures.ReplaceNoteAsync(queue, cause, text, left?.Write(), cancellationToken);
            }
        }

        return retried;
    }

    private async Task<int> StepAsync(string queue, string cause, string text, FailureNote note, FailureReplay replay, CancellationToken cancellationToken)
    {
        var retried = 0;
        while (true)
        {
            var ids = await failures.ListJobIdsAsync(queue, cause, replay.FailedUntil, replay.Rate == 0 ? Slice : replay.Rate, cancellationToken);
            replay = replay with
            {
                State = ids.Count == 0 ? FailureReplayState.Done : FailureReplayState.Running,
                Done = replay.Done + ids.Count,
                NextAt = time.GetUtcNow() + TimeSpan.FromSeconds(1),
                EndedAt = ids.Count == 0 ? time.GetUtcNow() : null,
            };
            var next = (note with { Replay = replay }).Write();

            // Whoever puts this down makes these jobs wait, and no other gateway in the same second; who stopped it meanwhile has the say.
            if (!await failures.ReplaceNoteAsync(queue, cause, text, next, cancellationToken) || ids.Count == 0)
            {
                return retried;
            }

            text = next!;
            retried += (await control.RetryAsync(queue, ids, replay.FailedUntil, cancellationToken)).Count(outcome => outcome == ChangeOutcome.Done);
            if (replay.Rate > 0)
            {
                return retried;
            }
        }
    }

    private async Task<FailureNote?> ChangeAsync(string queue, string cause, Func<FailureNote, FailureNote?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = (await failures.ListNotesAsync(queue, cancellationToken)).GetValueOrDefault(cause);
            if (change(FailureNote.Read(current) ?? new FailureNote()) is not { } next)
            {
                return null;
            }

            if (await failures.ReplaceNoteAsync(queue, cause, current, next.Write(), cancellationToken))
            {
                return next;
            }
        }
    }

    private async Task<FailureView> ViewAsync(string queue, FailureGroup group, string? text, CancellationToken cancellationToken)
    {
        // The text of an error is the newest job's own; the group holds none.
        var page = await jobs.ListAsync(queue, new JobQuery(JobState.Failed, 1, Cause: group.Cause), cancellationToken);
        var error = page.Jobs is [{ Error: { } latest }] ? latest : null;
        var note = Current(FailureNote.Read(text));
        return new FailureView(
            queue, group.Cause, group.Type, error?.Code, error?.Message, group.Count, group.FirstSeen, group.LastSeen, group.LatestJobId, group.Hours,
            time.GetUtcNow() - group.FirstSeen < NewFor, note?.Mute, note?.Replay);
    }

    // What is over is not told any more.
    private FailureNote? Current(FailureNote? note)
    {
        var now = time.GetUtcNow();
        return note is null ? null : note with
        {
            Mute = note.Mute is { Until: { } until } && until <= now ? null : note.Mute,
            Replay = note.Replay is { EndedAt: { } ended } && ended + KeepEndedFor <= now ? null : note.Replay,
        };
    }
}
