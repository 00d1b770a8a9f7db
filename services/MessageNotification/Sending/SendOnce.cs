using WhiteCross.Jobs;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>What is to be sent once, and what is known of its provider.</summary>
/// <param name="Name">Its name, unique in the job.</param>
/// <param name="Options">How long to wait for the provider.</param>
/// <param name="Policy">What to do when nobody can tell.</param>
/// <param name="PolicySetting">The setting that says so, for error texts.</param>
/// <param name="HowToFindOut">Where somebody can see whether it was sent.</param>
internal sealed record SendPlan(string Name, ProviderOptions Options, OnUnknownOutcome Policy, string PolicySetting, string HowToFindOut)
{
    /// <summary>Whether the recipient sees it once, however often it is sent: then sending again costs no attempt.</summary>
    public bool ShowsOnce { get; init; }
}

/// <summary>
/// Sends one thing once in the life of a job. What was sent is not sent again, what surely was not is; where nobody can tell, the plan's policy decides.
/// See docs/decisions/0010.
/// </summary>
internal sealed class SendOnce(Job job, NotificationLife life, SendPlan plan, SendsInFlight inFlight, TimeProvider time)
{
    // Within the time that the worker gives a stopped handler.
    private static readonly TimeSpan PatienceWhenStopped = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly string _key = $"{job.Id}\n{plan.Name}";

    /// <summary>Sends it, unless an earlier run did.</summary>
    /// <typeparam name="T">What the provider answers.</typeparam>
    /// <param name="send">
    /// Sends, and calls <see cref="SendingMark.BeginAsync"/> before the provider may act. Throws <see cref="SendFailedException"/> when it is certain that
    /// nothing was sent; what any other exception means is told from the mark. Its token is not the run's: a send outlives a run that has no time left.
    /// </param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="SendFailedException">It was not sent, or may have been and is not sent again.</exception>
    public async Task<T> RunAsync<T>(Func<SendingMark, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var patience = time.GetUtcNow() + plan.Options.Timeout;
        if (inFlight.Find(_key) is { } left)
        {
            return await OutcomeAsync<T>(left, patience, cancellationToken);
        }

        var before = await job.FindNoteAsync<SendNote<T>>(plan.Name, cancellationToken);
        switch (before?.State)
        {
            case SendState.Sent:
                return before.Result!;
            case SendState.Sending when before.GoesOnUntil - time.GetUtcNow() is { } rest && rest > TimeSpan.Zero:
                throw SendFailedException.NotTried($"{plan.Name}: another instance is sending it.", rest < LookAgain ? rest : LookAgain);

            // Somebody who retries a failed job has decided to send it. Otherwise the run that sent, or gave up, died before the job's end was on record.
            case SendState.Sending when !IsRetriedByHand(before):
                await DecideUnknownAsync<T>("an earlier run ended while it was being sent", mayGoOn: true);
                break;
            case SendState.GivenUp when !IsRetriedByHand(before):
                await DecideUnknownAsync<T>("an earlier attempt could not tell", mayGoOn: false);
                break;
        }

        var mark = new SendingMark(token => KeepAsync<T>(SendState.Sending, cancellationToken: token));
        return await OutcomeAsync<T>(InFlightSend.Start(token => send(mark, token), mark, plan.Options.AnswerTimeout, time), patience, cancellationToken);
    }

    private async Task<T> OutcomeAsync<T>(InFlightSend sending, DateTimeOffset patience, CancellationToken cancellationToken)
    {
        if (!await sending.EndsUntilAsync(patience, time, cancellationToken)
            && !(cancellationToken.IsCancellationRequested && await EndsWhenStoppedAsync(sending)))
        {
            // On record while this run may still write: the send itself no longer can.
            inFlight.Keep(_key, sending);
            await sending.Mark.PutOnRecordAsync(CancellationToken.None);
            await job.KeepNoteAsync(plan.Name, new SendNote<T>(SendState.Sending, job.Attempt, life.Round) { GoesOnUntil = sending.GoesOnUntil }, CancellationToken.None);
            if (cancellationToken.IsCancellationRequested)
            {
                await MarkLastRunAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            throw SendFailedException.NotTried($"{plan.Name}: the provider is slow; it is still being sent.", LookAgain);
        }

        inFlight.Forget(_key);
        var mark = sending.Mark;
        T result;
        try
        {
            result = await (Task<T>)sending.Task;
        }
        catch (SendFailedException)
        {
            await RetractAsync<T>(mark);
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The record says how far it came; the next run goes by that. Where the job fails now, the next run is an operator's.
            if (!mark.Begun)
            {
                await RetractAsync<T>(mark);
            }

            await MarkLastRunAsync();
            throw;
        }
        catch (Exception exception) when (exception is not JobLeaseLostException)
        {
            if (mark.Begun)
            {
                await DecideUnknownAsync<T>($"the provider's answer never came ({exception.GetType().Name})", mayGoOn: false);
            }

            await RetractAsync<T>(mark);
            throw SendFailedException.Unavailable($"{plan.Name}: the provider could not be reached ({exception.GetType().Name}); nothing was sent.");
        }

        await KeepAsync(SendState.Sent, result, CancellationToken.None);
        return result;
    }

    // What has begun gets a moment to end by itself: a mail cut off in its middle is one that nobody knows about.
    private async Task<bool> EndsWhenStoppedAsync(InFlightSend sending)
    {
        if (!sending.Mark.Begun)
        {
            await sending.CancelAsync();
            return true;
        }

        return await sending.EndsUntilAsync(time.GetUtcNow() + PatienceWhenStopped, time, CancellationToken.None);
    }

    private bool IsRetriedByHand<T>(SendNote<T> before) => before.Round != life.Round || before.Attempt > job.Attempt;

    private async Task MarkLastRunAsync()
    {
        if (job.StopCause != StopCause.Cancelled && (job.StopCause != StopCause.Timeout || job.Attempt < job.Info.MaxAttempts))
        {
            return;
        }

        try
        {
            await life.MarkFailedAsync();
        }
        catch (Exception exception) when (exception is JobStoreUnavailableException or JobLeaseLostException)
        {
            // Then the record does not tell the operator's retry from a run after a crash, and the first retry gives up before the second sends.
        }
    }

    private async Task DecideUnknownAsync<T>(string why, bool mayGoOn)
    {
        var unknown = $"{plan.Name}: whether it was sent is unknown: {why}. To find out, {plan.HowToFindOut}.";
        if (plan.Policy == OnUnknownOutcome.Fail)
        {
            await KeepAsync<T>(SendState.GivenUp);
            throw SendFailedException.Unknown($"{unknown} It is not sent again, since {plan.PolicySetting} is {OnUnknownOutcome.Fail}; retry the job to send it again.");
        }

        var again = $"{unknown} It is sent again, since {plan.PolicySetting} is {OnUnknownOutcome.SendAgain}.";
        await job.LogAsync(again);
        if (!mayGoOn)
        {
            await KeepAsync<T>(SendState.NotSent);
            throw plan.ShowsOnce
                ? SendFailedException.Unavailable(again)
                : new SendFailedException(new SendFailure(SendFailureKind.Repeat, again) { ProviderAtFault = true });
        }
    }

    private Task RetractAsync<T>(SendingMark mark) => mark.IsOnRecord ? KeepAsync<T>(SendState.NotSent) : Task.CompletedTask;

    private Task KeepAsync<T>(SendState state, T? result = default, CancellationToken cancellationToken = default) =>
        job.KeepNoteAsync(plan.Name, new SendNote<T>(state, job.Attempt, life.Round, result), cancellationToken);
}
