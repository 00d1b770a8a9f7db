using Xunit;

namespace WhiteCross.Testing;

/// <summary>Waits for a condition that nothing announces.</summary>
public static class Eventually
{
    // Only a test that fails waits so long: far more than a condition takes on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns when the condition holds; fails when it does not in time.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="patience">How long to wait at most; null: a minute.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var cancellation = TestContext.Current.CancellationToken;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience ?? Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (!await condition())
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"What a test waited for has not come within {(patience ?? Patience).TotalSeconds:0} s.", exception);
        }
    }

    /// <summary>Returns when the condition holds; fails when it does not in time.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="patience">How long to wait at most; null: a minute.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static Task TrueAsync(Func<bool> condition, TimeSpan? patience = null) => TrueAsync(() => Task.FromResult(condition()), patience);
}
