using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>
/// Adds the jobs of schedules that are due. Any number of instances may do so at once, and one may die in the middle: a run's job id is made from the
/// planned time, so that it is added once, and only then the schedule moves on.
/// </summary>
internal sealed class ScheduleRunner(
    IVersionedStore<JobSchedule> schedules, IJobReader jobs, IJobPublisher publisher, JobEnvelopeReader envelopes, IOptionsMonitor<QueueOptions> options, TimeProvider time, ScheduleAudit? audit = null)
{
    private readonly ClockWatch _clock = new(time);

    /// <summary>Adds what is due in a queue. What goes wrong with one schedule stops no other, and is thrown when all have been looked at.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many jobs were added.</returns>
    public async Task<int> RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        Exception? first = null;
        var added = await RunDueAsync(queue, (_, exception) => first ??= exception, cancellationToken);
        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        return added;
    }

    /// <summary>Adds what is due in a queue. What goes wrong with one schedule is told and stops no other.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="failed">Told of each schedule that could not be looked at; it will be again.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many jobs were added.</returns>
    public async Task<int> RunDueAsync(string queue, Action<JobSchedule, Exception> failed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failed);
        var added = 0;
        foreach (var schedule in await schedules.ListAsync(queue, cancellationToken))
        {
            try
            {
                added += await LookAtAsync(schedule, cancellationToken) ? 1 : 0;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                failed(schedule, exception);
            }
        }

        return added;
    }

    /// <summary>The id of the job that a schedule adds at a time: the same one however often it is added for that time.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="at">The time.</param>
    public static string JobIdOf(JobSchedule schedule, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var id = string.Create(CultureInfo.InvariantCulture, $"{schedule.Id}:{at.ToUnixTimeMilliseconds()}");
        return schedule.Replans is { } replans ? string.Create(CultureInfo.InvariantCulture, $"{id}:{replans}") : id;
    }

    /// <summary>Adds a schedule's job now, beside the planned times; counts as a run of it.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The job's id.</returns>
    public Task<string> RunNowAsync(JobSchedule schedule, CancellationToken cancellationToken) => RunNowAsync(schedule, time.GetUtcNow(), null, cancellationToken);

    /// <summary>Adds a schedule's job now, beside the planned times; counts as a run of it.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="now">The time.</param>
    /// <param name="note">What is put on record with the job.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The job's id.</returns>
    public async Task<string> RunNowAsync(JobSchedule schedule, DateTimeOffset now, JobNote? note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var jobId = JobIdOf(schedule, now);
        await AddAsync(schedule, jobId, note, cancellationToken);
        try
        {
            await CountAsync(schedule, jobId, now, cancellationToken);
        }
        catch (JobStoreUnavailableException)
        {
            // The job is on record, which is what was asked for; only the schedule does not show it.
        }

        return jobId;
    }

    private async Task CountAsync(JobSchedule schedule, string jobId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var current = schedule;
        while (current is not null && !await schedules.ReplaceAsync(current, AfterRun(current, jobId, now), cancellationToken))
        {
            current = await schedules.FindAsync(schedule.Queue, schedule.Id, cancellationToken);
        }
    }

    /// <summary>The schedule with its first planned time.</summary>
    /// <param name="schedule">The schedule, as it is asked for.</param>
    public JobSchedule Begin(JobSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var now = time.GetUtcNow();
        return schedule with { NextRunAt = HasRunsLeft(schedule) ? JobSchedules.NextAfter(schedule, now, now) : null };
    }

    private static bool HasRunsLeft(JobSchedule schedule) => schedule.Limit is not { } limit || schedule.Runs < limit;

    private static JobSchedule AfterRun(JobSchedule schedule, string jobId, DateTimeOffset now)
    {
        var next = schedule with { Runs = schedule.Runs + 1, LastRunAt = now, LastJobId = jobId };
        return HasRunsLeft(next) ? next : next with { NextRunAt = null };
    }

    private async Task<bool> LookAtAsync(JobSchedule schedule, CancellationToken cancellationToken)
    {
        if (schedule is not { Enabled: true, NextRunAt: { } planned })
        {
            return false;
        }

        var now = time.GetUtcNow();
        if (planned <= now)
        {
            return await RunAsync(schedule, planned, cancellationToken);
        }

        if (_clock.IsSetBack(schedule, now) && JobSchedules.NextAfter(schedule, now, now) is { } next && next < planned)
        {
            await schedules.ReplaceAsync(schedule, schedule with { NextRunAt = next, Replans = (schedule.Replans ?? 0) + 1 }, cancellationToken);
        }

        return false;
    }

    private async Task<bool> RunAsync(JobSchedule schedule, DateTimeOffset planned, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var next = schedule with { NextRunAt = JobSchedules.NextAfter(schedule, planned, now) };
        if (schedule.Overlap == ScheduleOverlap.Skip && await IsRunningAsync(schedule, cancellationToken))
        {
            await schedules.ReplaceAsync(schedule, next with { Skipped = schedule.Skipped + 1 }, cancellationToken);
            return false;
        }

        var jobId = JobIdOf(schedule, planned);
        var entry = audit?.EntryOf(schedule, jobId);
        var isNew = await AddAsync(schedule, jobId, audit?.NoteOf(entry), cancellationToken);
        if (isNew)
        {
            audit?.Added(entry);
        }

        await schedules.ReplaceAsync(schedule, AfterRun(next, jobId, now), cancellationToken);
        return isNew;
    }

    private async Task<bool> IsRunningAsync(JobSchedule schedule, CancellationToken cancellationToken) =>
        schedule.LastJobId is { } last
        && await jobs.GetAsync(schedule.Queue, last, cancellationToken) is { State: not (JobState.Completed or JobState.Failed) };

    private async Task<bool> AddAsync(JobSchedule schedule, string jobId, JobNote? note, CancellationToken cancellationToken)
    {
        if (JobSealing.IsSealed(schedule.Job))
        {
            throw new InvalidOperationException($"Its job is sealed with a key that {SealingKeys.Setting} does not have.");
        }

        var reading = envelopes.Read(JobQueues.Get(schedule.Queue), JsonMarshal.GetRawUtf8Value(schedule.Job).ToArray());
        using var span = JobTelemetry.StartAdd(schedule.Queue, reading.Type);
        var job = NewJobFactory.Create(reading, options.Get(schedule.Queue), jobId, JobTelemetry.TraceParent(span)) with { AddedBy = ScheduleAudit.NameOf(schedule), Note = note };
        return (await publisher.AddAsync(schedule.Queue, job, cancellationToken)).Outcome == AddOutcome.Added;
    }
}
