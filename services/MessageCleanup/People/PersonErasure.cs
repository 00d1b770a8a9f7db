using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>
/// Erases one person. Each part is a step, and may be repeated: another attempt goes on behind what is done. Jobs go first, so that none of them puts back
/// what is removed, and once more before the notifications, which one that ran may have made; the search index and the notifications forget a message before its owner does, so that it is found again if the process dies in between.
/// </summary>
internal sealed class PersonErasure(
    PersonServices services, PersonJobs jobs, ISearchIndex index, IOptions<CleanupOptions> options, TimeProvider time)
{
    private const int DefaultBatchSize = 500;

    // A job has at most 1,000 steps; each lasts so long, and the run makes way for others when its own time is over.
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ServiceAway = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StillRunning = TimeSpan.FromSeconds(5);

    public async Task<JobOutcome> HandleAsync(Job<CleanupMessagesJob> job, CancellationToken cancellationToken)
    {
        try
        {
            return await EraseAsync(job, job.Data.UserIds!.Single(), cancellationToken);
        }
        catch (ServiceAwayException exception)
        {
            return new JobOutcome.Snooze(ServiceAway, exception.Message);
        }
        catch (HttpRequestException exception) when (exception.StatusCode == HttpStatusCode.Conflict)
        {
            return Held();
        }
    }

    private static JobOutcome.Fail Held() => new("userIds: this person is under a legal hold. Nothing more of theirs is removed until it is lifted; then add the erasure again.");

    private async Task<JobOutcome> EraseAsync(Job<CleanupMessagesJob> job, Guid user, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var counts = await services.CountAsync(user, cancellationToken);
        if (counts.IsHeld)
        {
            return Held();
        }

        if (job.Data.DryRun ?? false)
        {
            return await CountAsync(job, user, counts, cancellationToken);
        }

        var size = job.Data.BatchSize ?? DefaultBatchSize;
        await job.ReportProgressAsync(0, "jobs");
        var (early, first) = await LookAsync(job, "jobs", async token => await jobs.RemoveAsync(user, await MessagesAsync(user, size, token), dryRun: false, token), cancellationToken);
        if (first.Running > 0)
        {
            return Waits(first);
        }

        await job.ReportProgressAsync(20, "messages");
        var messages = await PagesAsync(job, "messages", (state, token) => MessagesAsync(user, size, state, token), started, cancellationToken);
        await job.ReportProgressAsync(60, "attachments");
        var attachments = messages is null ? null : await PagesAsync(job, "attachments", async (state, token) => Next(state, await services.AttachmentsAsync(user, state.Last, token)), started, cancellationToken);
        await job.ReportProgressAsync(70, "conversations");
        var memberships = attachments is null ? null : await PagesAsync(job, "conversations", async (state, token) => Next(state, await services.MembershipsAsync(user, state.Last, token)), started, cancellationToken);
        if (messages is null || attachments is null || memberships is null)
        {
            return new JobOutcome.Snooze(TimeSpan.FromSeconds(1), "There is more to erase than one run may take.") { StartsAnew = true };
        }

        await job.ReportProgressAsync(80, "jobs");
        var (late, rest) = await LookAsync(job, "late jobs", token => jobs.RemoveAsync(user, new HashSet<Guid>(), dryRun: false, token), cancellationToken);
        if (rest.Running > 0)
        {
            return Waits(rest);
        }

        // Last: a job that ran until now may have left one.
        await job.ReportProgressAsync(90, "notifications");
        var notifications = await job.StepAsync("notifications", token => EraseNotificationsAsync(user, token), cancellationToken);

        await job.ReportProgressAsync(100, "done");
        return new JobOutcome.Completed(new ErasureResult(
            CleanupType.Person, false, messages.Erased, messages.Copies, attachments.Erased, memberships.Erased,
            notifications.Notifications, notifications.Devices, notifications.Contacts, notifications.Preferences,
            early + late, rest.Batches, messages.Held + attachments.Held + memberships.Held)
        { Suppressions = notifications.Suppressions });
    }

    private static JobOutcome.Snooze Waits(ErasedJobs found) =>
        new(StillRunning, string.Create(CultureInfo.InvariantCulture, $"{found.Running} jobs of the person still run, and are removed when they have ended."));

    private static ErasureState Next(ErasureState state, ErasedRows page) =>
        state with { Erased = state.Erased + page.Erased, Held = state.Held + page.Held, Last = page.NextCursor, IsDone = page.NextCursor is null };

    private async Task<JobOutcome> CountAsync(Job<CleanupMessagesJob> job, Guid user, PersonCounts counts, CancellationToken cancellationToken)
    {
        var notifications = await services.CountNotificationsAsync(user, cancellationToken);
        var named = await jobs.RemoveAsync(user, await MessagesAsync(user, DefaultBatchSize, cancellationToken), dryRun: true, cancellationToken);
        await job.ReportProgressAsync(100, "counted");
        return new JobOutcome.Completed(new ErasureResult(
            CleanupType.Person, true, counts.Messages, counts.Copies, counts.Attachments, counts.Memberships,
            notifications.Notifications, notifications.Devices, notifications.Contacts, notifications.Preferences, named.Removed, named.Batches, counts.Held));
    }

    private async Task<HashSet<Guid>> MessagesAsync(Guid user, int size, CancellationToken cancellationToken)
    {
        var all = new HashSet<Guid>();
        long? cursor = null;
        do
        {
            var page = await services.MessagesAsync(user, cursor, size, dryRun: true, cancellationToken);
            all.UnionWith(page.MessageIds);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return all;
    }

    private async Task<ErasureState> MessagesAsync(Guid user, int size, ErasureState state, CancellationToken cancellationToken)
    {
        var forgotten = (await services.MessagesAsync(user, state.Position, size, dryRun: true, cancellationToken)).MessageIds;
        await index.ForgetAsync(forgotten, cancellationToken);
        var page = await services.MessagesAsync(user, state.Position, size, dryRun: false, cancellationToken);

        // Those that have become part of the page since it was looked at.
        await index.ForgetAsync([.. page.MessageIds.Except(forgotten)], cancellationToken);
        return state with
        {
            Erased = state.Erased + page.Erased,
            Copies = state.Copies + page.Copies,
            Held = state.Held + page.Held,
            Position = page.NextCursor,
            IsDone = page.NextCursor is null,
        };
    }

    /// <summary>Goes through the pages of a part.</summary>
    /// <returns>What came of it; null where the run's time is over before its end.</returns>
    private async Task<ErasureState?> PagesAsync(
        Job<CleanupMessagesJob> job, string part, Func<ErasureState, CancellationToken, Task<ErasureState>> page, long started, CancellationToken cancellationToken)
    {
        var state = ErasureState.Begin;
        for (var step = 1; !state.IsDone; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(started) >= TimeSpan.FromSeconds(options.Value.RunSeconds))
            {
                return null;
            }

            // What ends the job ends it between two pages: one that has begun is finished and accounted for.
            var before = state;
            state = await job.StepAsync($"{part} {step}", _ => SomePagesAsync(page, before, cancellationToken), CancellationToken.None);
        }

        return state;
    }

    private async Task<ErasureState> SomePagesAsync(Func<ErasureState, CancellationToken, Task<ErasureState>> page, ErasureState state, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        do
        {
            state = await page(state, CancellationToken.None);
        }
        while (!state.IsDone && !stop.IsCancellationRequested && time.GetElapsedTime(started) < StepTime);

        return state;
    }

    private async Task<PersonNotifications> EraseNotificationsAsync(Guid user, CancellationToken cancellationToken)
    {
        var erased = PersonNotifications.None;
        while (erased.HasMore)
        {
            erased = erased.With(await services.EraseNotificationsAsync(user, cancellationToken));
        }

        return erased;
    }

    // What ran at one look has ended at the next. Each is a step of its own, since each removes something.
    private static async Task<(long Removed, ErasedJobs Last)> LookAsync(
        Job<CleanupMessagesJob> job, string name, Func<CancellationToken, Task<ErasedJobs>> remove, CancellationToken cancellationToken)
    {
        var removed = 0L;
        for (var look = 1; ; look++)
        {
            var isNew = false;
            var found = await job.StepAsync(
                $"{name} {look}",
                token =>
                {
                    isNew = true;
                    return remove(token);
                },
                cancellationToken);
            removed += found.Removed;
            if (isNew || found.Running == 0)
            {
                return (removed, found);
            }
        }
    }
}
