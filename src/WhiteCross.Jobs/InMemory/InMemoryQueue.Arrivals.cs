using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Jobs that events have brought to a process.</summary>
internal sealed partial class InMemoryQueue
{
    public IReadOnlyList<JobArrival> Receive(IReadOnlyList<NewJob> jobs) => [.. jobs.Select(Receive)];

    public IReadOnlyList<bool> Hold(IReadOnlyList<string> jobIds) => [.. jobIds.Select(Hold)];

    private JobArrival Receive(NewJob job)
    {
        var isNew = Add(job, isEvent: true).Outcome == AddOutcome.Added;
        if (!_jobs.TryGetValue(job.JobId, out var stored))
        {
            return new JobArrival(isNew, null);
        }

        Hold(stored.Id);
        return new JobArrival(isNew, Shown(stored));
    }

    private bool Hold(string jobId)
    {
        // While the queue is paused nobody begins it; what is owed when it is resumed stays as it is.
        if (!_jobs.TryGetValue(jobId, out var job) || Shown(job) != JobState.Waiting)
        {
            return false;
        }

        _outbox.Set(jobId, Steady + (long)options.Lease.TotalMilliseconds);
        return true;
    }
}
