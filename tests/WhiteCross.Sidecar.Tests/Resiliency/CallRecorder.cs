using Microsoft.Extensions.Time.Testing;
using WhiteCross.Sidecar.Resiliency;

namespace WhiteCross.Sidecar.Tests.Resiliency;

/// <summary>Makes a call under a policy on a clock that jumps to whatever is waited for next, and records when each attempt was made.</summary>
internal sealed class CallRecorder
{
    private readonly List<TimeSpan> _attempts = [];

    public JumpingTime Time { get; } = new();

    /// <summary>When the attempts were made, from the first.</summary>
    public IReadOnlyList<TimeSpan> Attempts => _attempts;

    /// <summary>The pauses between the attempts in milliseconds.</summary>
    public IEnumerable<double> Pauses => _attempts.Zip(_attempts.Skip(1), (earlier, later) => (later - earlier).TotalMilliseconds);

    /// <param name="policy">The policy.</param>
    /// <param name="outcome">Throws for a failure; gets the number of the attempt, from 1.</param>
    /// <param name="cancellationToken">Ends the series.</param>
    /// <returns>The number of the attempt that succeeded.</returns>
    public async Task<int> RunAsync(ResiliencePolicy policy, Action<int> outcome, CancellationToken cancellationToken)
    {
        _attempts.Clear();
        var start = Time.GetUtcNow();
        return await policy.ExecuteAsync(
            _ =>
            {
                _attempts.Add(Time.GetUtcNow() - start);
                outcome(_attempts.Count);
                return ValueTask.FromResult(_attempts.Count);
            },
            cancellationToken);
    }

    /// <summary>A clock on which every timer is due at once, after the clock was set to the time that it waits for.</summary>
    internal sealed class JumpingTime : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime >= TimeSpan.Zero)
            {
                // Not on this stack: whoever creates the timer has not stored it yet.
                ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
            }

            return timer;
        }
    }
}
