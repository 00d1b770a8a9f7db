namespace WhiteCross.MessageNotification;

/// <summary>One provider of a channel.</summary>
/// <typeparam name="TProvider">What sends.</typeparam>
/// <param name="Name">What it is called on record, for example its host.</param>
/// <param name="Guard">What stands before it.</param>
/// <param name="Provider">What sends.</param>
internal sealed record ProviderLink<TProvider>(string Name, ProviderGuard Guard, TProvider Provider);

/// <summary>
/// The providers of a channel in their order. While one is away the next sends; never both, since the next is asked only where the one before has surely
/// not sent.
/// </summary>
/// <typeparam name="TProvider">What sends.</typeparam>
/// <param name="links">The providers.</param>
internal sealed class ProviderChain<TProvider>(IReadOnlyList<ProviderLink<TProvider>> links)
{
    /// <summary>Sends by the first provider that is there.</summary>
    /// <exception cref="SendFailedException">None has sent it.</exception>
    public async Task<SentBy> RunAsync(LinePlace place, SendingMark mark, Func<TProvider, CancellationToken, Task<string>> send, CancellationToken cancellationToken)
    {
        SendFailure? soonest = null;
        for (var i = 0; i < links.Count; i++)
        {
            var link = links[i];
            try
            {
                var id = await link.Guard.RunAsync(place, token => send(link.Provider, token), cancellationToken);
                foreach (var passed in links.Take(i))
                {
                    passed.Guard.Forget(place);
                }

                return new SentBy(link.Name, id);
            }
            catch (SendFailedException exception) when (exception.Failure.IsAway)
            {
                mark.Retract();
                soonest = Sooner(soonest, exception.Failure);
            }
            catch (Exception exception) when (exception is not SendFailedException && !mark.Begun && i < links.Count - 1 && !cancellationToken.IsCancellationRequested)
            {
                // Not reached: nothing of it has left.
            }
        }

        throw new SendFailedException(soonest!);
    }

    private static SendFailure Sooner(SendFailure? one, SendFailure other) =>
        one is null || (other.Hint ?? TimeSpan.MaxValue) < (one.Hint ?? TimeSpan.MaxValue) ? other : one;
}
