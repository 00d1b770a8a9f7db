using WhiteCross.Chaos.Running;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Chaos.Worker;

/// <summary>Does what the job's metadata says, and writes down that it did.</summary>
internal sealed class ChaosHandler(HistoryFile history, ProviderClient provider) : IJobHandler<SendNotificationJob>
{
    // A handler that does not stop is given up after five seconds.
    private static readonly TimeSpan LongerThanItsGrace = TimeSpan.FromSeconds(6);

    private readonly string _run = Guid.NewGuid().ToString("N")[..12];

    public async Task<JobOutcome> HandleAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        history.Write("start", job.Id, job.Attempt, _run, job.Data.Metadata!.TryGetValue(NamelessJobs.Marker, out var marker) ? marker.GetString()! : string.Empty);
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
    }

    private async Task<JobOutcome> BehaveAsync(Job<SendNotificationJob> job, CancellationToken cancellationToken)
    {
        var metadata = job.Data.Metadata!;
        var behaviour = Enum.Parse<Behaviour>(metadata["behaviour"].GetString()!);
        var work = TimeSpan.FromMilliseconds(metadata["milliseconds"].GetInt32());
        switch (behaviour)
        {
            case Behaviour.Misbehaves when job.Attempt == 1:
                history.Write("end", job.Id, job.Attempt, _run, "retry");
                return await Misdeeds.CommitAsync(metadata["misdeed"].GetInt32(), job);
            case Behaviour.IgnoresItsToken when job.Attempt == 1:
                var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (cancellationToken.Register(cancelled.SetResult))
                {
                    await cancelled.Task;
                }

                history.Write("end", job.Id, job.Attempt, _run, "ignored");
                await Task.Delay(LongerThanItsGrace, CancellationToken.None);
                break;
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
                await provider.SendAsync(job.Id, name, _run);
            },
            cancellationToken);
        history.Write("stepped", job.Id, job.Attempt, _run, name);
    }
}
