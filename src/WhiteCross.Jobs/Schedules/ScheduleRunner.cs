using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Schedules;

/// <summary>
/// Adds the jobs of schedules that are due. Any number of instances may do so at once, and one may die in the middle: a run's job id is made from the
/// planned time, so that it is added once, and only then the schedule moves on.
/// </summary>
public sealed class ScheduleRunner(
    IScheduleStore schedules, IJobStore jobs, IJobPublisher publisher, JobEnvelopeReader envelopes, IOptionsMonitor<QueueOptions> options, TimeProvider time)
{
    /// <summary>Adds what is due in a queue.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many jobs were added.</returns>
    /// <exception cref="Exception">A schedule could not be run, or several (<see cref="AggregateException"/>); all others were.</exception>
    public async Task<int> RunDueAsync(string queue, CancellationToken cancellationToken)
    {
        var added = 0;
        List<Exception>? failures = null;
        foreach (var schedule in await schedules.ListAsync(queue, cancellationToken))
        {
            if (schedule is { Enabled: true, NextRunAt: { } planned } && planned <= time.GetUtcNow())
            {
                try
                {
                    added += await RunAsync(schedule, planned, cancellationToken) ? 1 : 0;
                }
#pragma warning disable CA1031 // One schedule's trouble must not stop those behind it; it is told at the end.
                catch (Exception exception) when (exception is not (OperationCanceledException or JobStoreUnavailableException))
                {
                    (failures ??= []).Add(exception);
                }
#pragma warning restore CA1031
            }
        }

        if (failures is [var only])
        {
            ExceptionDispatchInfo.Throw(only);
        }

        return failures is null ? added : throw new AggregateException(failures);
    }

    /// <summary>Adds a schedule's job now, beside the planned times; counts as a run of it.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The job's id.</returns>
    public async Task<string> RunNowAsync(JobSchedule schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var now = time.GetUtcNow();
        var jobId = JobIdOf(schedule, now);
        await AddAsync(schedule, jobId, cancellationToken);
        var current = schedule;
        while (current is not null && !await schedules.ReplaceAsync(current, AfterRun(current, jobId, now), cancellationToken))
        {
            current = await schedules.FindAsync(schedule.Queue, schedule.Id, cancellationToken);
        }

        return jobId;
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

    private static string JobIdOf(JobSchedule schedule, DateTimeOffset planned) =>
        string.Create(CultureInfo.InvariantCulture, $"{schedule.Id}:{planned.ToUnixTimeMilliseconds()}");

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
        var isNew = await AddAsync(schedule, jobId, cancellationToken);
        await schedules.ReplaceAsync(schedule, AfterRun(next, jobId, now), cancellationToken);
        return isNew;
    }

    private async Task<bool> IsRunningAsync(JobSchedule schedule, CancellationToken cancellationToken) =>
        schedule.LastJobId is { } last
        && await jobs.GetAsync(schedule.Queue, last, cancellationToken) is { State: not (JobState.Completed or JobState.Failed) };

    private async Task<bool> AddAsync(JobSchedule schedule, string jobId, CancellationToken cancellationToken)
    {
        var reading = envelopes.Read(JobQueues.Get(schedule.Queue), JsonMarshal.GetRawUtf8Value(schedule.Job).ToArray());
        using var span = JobTelemetry.StartAdd(schedule.Queue, reading.Type);
        var job = NewJobFactory.Create(reading, options.Get(schedule.Queue), jobId, JobTelemetry.TraceParent(span));
        return (await publisher.AddAsync(schedule.Queue, job, cancellationToken)).Outcome == AddOutcome.Added;
    }
}
