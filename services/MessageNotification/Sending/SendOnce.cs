using WhiteCross.Jobs;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Sends one thing once in the life of a job. What was sent is not sent again, what surely was not is; where nobody can tell, <paramref name="policy"/>
/// decides. See docs/decisions/0010.
/// </summary>
/// <param name="job">The job.</param>
/// <param name="name">The name of the thing to send, unique in the job.</param>
/// <param name="policy">What to do when nobody can tell.</param>
/// <param name="policySetting">The setting that says so, for error texts.</param>
internal sealed class SendOnce(Job job, string name, OnUnknownOutcome policy, string policySetting)
{
    /// <summary>Sends it, unless an earlier attempt did.</summary>
    /// <typeparam name="T">What the provider answers.</typeparam>
    /// <param name="send">
    /// Sends, and calls <see cref="SendingMark.BeginAsync"/> before the provider may act. Throws <see cref="SendFailedException"/> when it is certain that
    /// nothing was sent; what any other exception means is told from the mark.
    /// </param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="SendFailedException">It was not sent, or may have been and is not sent again.</exception>
    public async Task<T> RunAsync<T>(Func<SendingMark, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var before = await job.FindNoteAsync<SendNote<T>>(name, cancellationToken);
        switch (before?.State)
        {
            case SendState.Sent:
                return before.Result!;

            // Attempts count from 1 again when an operator retries a failed job: somebody has decided to send it.
            case SendState.Sending when before.Attempt <= job.Attempt:
                await DecideUnknownAsync<T>("an earlier run ended while it was being sent", mayGoOn: true);
                break;

            // Not retried by an operator, so the run that gave up died before it had failed the job.
            case SendState.GivenUp when job.Attempt > before.Attempt:
                await DecideUnknownAsync<T>("an earlier attempt could not tell", mayGoOn: false);
                break;
        }

        var mark = new SendingMark(
            token => KeepAsync<T>(SendState.Sending, cancellationToken: token),
            () => KeepAsync<T>(SendState.NotSent));
        T result;
        try
        {
            result = await send(mark, cancellationToken);
        }
        catch (SendFailedException)
        {
            await mark.RetractAsync();
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The record says how far it came; the next run goes by that. Where the job fails now, the next run is an operator's.
            if (IsLastRun())
            {
                await GiveUpAsync<T>(mark);
            }

            throw;
        }
        catch (Exception exception) when (exception is not JobLeaseLostException)
        {
            if (mark.Begun)
            {
                await DecideUnknownAsync<T>($"the provider's answer never came ({exception.GetType().Name})", mayGoOn: false);
            }

            await mark.RetractAsync();
            throw SendFailedException.Transient($"{name}: the provider could not be reached ({exception.GetType().Name}); nothing was sent.");
        }

        await KeepAsync(SendState.Sent, result, CancellationToken.None);
        return result;
    }

    private bool IsLastRun() => job.StopCause == StopCause.Cancelled || (job.StopCause == StopCause.Timeout && job.Attempt >= job.Info.MaxAttempts);

    private async Task GiveUpAsync<T>(SendingMark mark)
    {
        try
        {
            if (mark.Begun)
            {
                await KeepAsync<T>(SendState.GivenUp);
            }
            else
            {
                await mark.RetractAsync();
            }
        }
        catch (Exception exception) when (exception is JobStoreUnavailableException or JobLeaseLostException)
        {
            // Then the record still says that it was being sent, and the operator's first retry gives up before the second sends.
        }
    }

    private async Task DecideUnknownAsync<T>(string why, bool mayGoOn)
    {
        if (policy == OnUnknownOutcome.Fail)
        {
            await KeepAsync<T>(SendState.GivenUp);
            throw SendFailedException.Permanent(
                $"{name}: whether it was sent is unknown: {why}. It is not sent again, since {policySetting} is {OnUnknownOutcome.Fail}; retry the job to send it again.");
        }

        await job.LogAsync($"{name}: whether it was sent is unknown: {why}. It is sent again, since {policySetting} is {OnUnknownOutcome.SendAgain}.");
        if (!mayGoOn)
        {
            await KeepAsync<T>(SendState.NotSent);
            throw SendFailedException.Transient($"{name}: whether it was sent is unknown: {why}. It is sent again, since {policySetting} is {OnUnknownOutcome.SendAgain}.");
        }
    }

    private Task KeepAsync<T>(SendState state, T? result = default, CancellationToken cancellationToken = default) =>
        job.KeepNoteAsync(name, new SendNote<T>(state, job.Attempt, result), cancellationToken);
}
