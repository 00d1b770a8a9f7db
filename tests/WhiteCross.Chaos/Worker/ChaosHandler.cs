using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Chaos.Worker;

/// <summary>Does what the job's metadata says, and writes down that it did.</summary>
internal sealed class ChaosHandler(HistoryFile history) : IJobHandler<SendNotificationJob>
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..12];

    public async Task<JobOutcome> HandleAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        history.Write("start", job.Id, job.Attempt, _run, job.Info.Priority.ToString());
        try
        {
            var outcome = await BehaveAsync(job, cancellationToken);
            history.Write("end", job.Id, job.Attempt, _run, outcome switch
            {
                JobOutcome.Completed => "completed",
                JobOutcome.Fail => "failed",
                _ => "retry",
            });
            return outcome;
        }
        catch (OperationCanceledException)
        {
            history.Write("end", job.Id, job.Attempt, _run, "stopped");
            throw;
        }
        catch (JobLeaseLostException)
        {
            history.Write("end", job.Id, job.Attempt, _run, "refused");
            throw;
        }
        catch (JobStoreUnavailableException)
        {
            // A step could not be put on record: an attempt that failed.
            history.Write("end", job.Id, job.Attempt, _run, "retry");
            throw;
        }
    }

    private async Task<JobOutcome> BehaveAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        var metadata = job.Data.Metadata!;
        var behaviour = Enum.Parse<Behaviour>(metadata["behaviour"].GetString()!);
        var work = TimeSpan.FromMilliseconds(metadata["milliseconds"].GetInt32());
        switch (behaviour)
        {
            case Behaviour.FailsOnce when job.Attempt == 1:
            case Behaviour.FailsAlways:
                return new JobOutcome.Retry("It fails by design.");
            case Behaviour.Permanent:
                return new JobOutcome.Fail("It can never succeed, by design.");
            case Behaviour.Progress:
                for (var percentage = 0; percentage <= 100; percentage += 20)
                {
                    await job.ReportProgressAsync(percentage);
                    await Task.Delay(work / 5, cancellationToken);
                }

                break;
            case Behaviour.Steps:
                await StepAsync(job, "first", work, cancellationToken);
                if (job.Attempt == 1)
                {
                    return new JobOutcome.Retry("It fails between its steps, by design.");
                }

                await StepAsync(job, "second", work, cancellationToken);
                break;
            default:
                await Task.Delay(work, cancellationToken);
                break;
        }

        return new JobOutcome.Completed(new { run = _run });
    }

    private async Task StepAsync(Job<SendNotificationJob> job, string name, TimeSpan work, CancellationToken cancellationToken)
    {
        await job.StepAsync(
            name,
            async token =>
            {
                history.Write("step", job.Id, job.Attempt, _run, name);
                await Task.Delay(work, token);
            },
            cancellationToken);
        history.Write("stepped", job.Id, job.Attempt, _run, name);
    }
}
