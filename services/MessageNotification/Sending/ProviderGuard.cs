using System.Globalization;
using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Stands before one provider: its circuit breaker, what it asked for by Retry-After, its rate, and the line of those that wait for it. Each provider has its
/// own, so that one that is away holds up nothing but its own notifications. See docs/decisions/0023.
/// </summary>
internal sealed partial class ProviderGuard(string name, string words, ProviderOptions options, ProviderPace pace, TimeProvider time, ILogger<ProviderGuard> logger)
{
    // Without a rate the line still does not come back all at once.
    private const double UnlimitedDrain = 50;

    // Enough to tell a part from; more would only take room.
    private const int MaxOutcomes = 1_000;

    private const int HintsBelieved = 3;

    private static readonly SendFailure NotAsked = new(SendFailureKind.NotTried, string.Empty);
    private static readonly TimeSpan ShortestHold = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, bool Failed)> _outcomes = new();
    private readonly WaitingLine _line = new();
    private DateTimeOffset? _openSince;
    private DateTimeOffset? _nextTry;
    private int _failedTries;
    private bool _isTrying;
    private bool _isLeftAloneForFault;

    public string Name => name;

    public ProviderStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new ProviderStatus(name, _openSince is not null, _openSince, _nextTry, _line.Count);
            }
        }
    }

    /// <summary>Sends, unless the provider is away or was asked often enough.</summary>
    /// <exception cref="SendFailedException">It was not sent; what has to wait for the provider is told for how long.</exception>
    public async Task<T> RunAsync<T>(LinePlace place, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        var isTry = Enter(place);
        SendFailure? failure = NotAsked;
        try
        {
            if (options.PerSecond is { } rate && !await pace.TakeAsync(name, rate, cancellationToken))
            {
                throw NotTried(place, isAway: false, string.Create(CultureInfo.InvariantCulture, $"{name}: {words} gets at most {rate} a second, and this waits for its turn."));
            }

            var result = await send(cancellationToken);
            failure = null;
            return result;
        }
        catch (SendFailedException exception) when (exception.Failure.Kind == SendFailureKind.NotTried)
        {
            failure = exception.Failure;
            throw failure.Hint is null ? NotTried(place, isAway: false, failure.Reason) : exception;
        }
        catch (SendFailedException exception)
        {
            failure = exception.Failure;
            throw new SendFailedException(failure with
            {
                Hint = failure.Kind == SendFailureKind.Permanent ? null : WaitAfter(place, isTry, failure),
                IsAway = failure is { Kind: SendFailureKind.Unavailable, ProviderAtFault: true },
            });
        }
        catch (Exception exception) when (exception is not JobLeaseLostException)
        {
            failure = new SendFailure(SendFailureKind.Unavailable, string.Empty) { ProviderAtFault = true };
            WaitAfter(place, isTry, failure);
            throw;
        }
        finally
        {
            Leave(isTry, failure);
        }
    }

    private bool Enter(LinePlace place)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            _line.Sweep(now);
            if (_nextTry is { } next && (now < next || _isTrying))
            {
                throw NotTried(place, isAway: _isLeftAloneForFault, $"{name}: {words} {(_openSince is null ? "asked to be left alone for a while." : "has failed repeatedly and is left alone for a while.")}");
            }

            // Who comes new does not overtake those that have waited longer, or are more urgent.
            if (options.PerSecond is { } rate && _line.CountBefore(place) > Math.Max(1, rate))
            {
                throw NotTried(place, isAway: false, string.Create(CultureInfo.InvariantCulture, $"{name}: {words} gets at most {rate} a second, and others are before this."));
            }

            _line.Leave(place);
            _isTrying = _nextTry is not null;
            return _isTrying;
        }
    }

    private void Leave(bool isTry, SendFailure? failure)
    {
        TimeSpan? away = null;
        var waiting = 0;
        lock (_lock)
        {
            _isTrying &= !isTry;
            if (failure is null or { ProviderAtFault: false, IsThrottled: false, Kind: not SendFailureKind.NotTried })
            {
                // It has answered.
                var now = time.GetUtcNow();
                Count(now, failed: false);
                away = now - _openSince;
                waiting = _line.Count;
                (_openSince, _nextTry, _failedTries) = (null, null, 0);
            }
        }

        if (away is { } duration)
        {
            LogBack(name, words, duration, waiting);
        }
    }

    /// <summary>What a failure says of the provider.</summary>
    /// <returns>How long its notification waits; null when that is for the notification's own schedule to say.</returns>
    private TimeSpan? WaitAfter(LinePlace place, bool isTry, SendFailure failure)
    {
        if (!failure.ProviderAtFault && !failure.IsThrottled)
        {
            return failure.Hint;
        }

        var opens = false;
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Count(now, failure.ProviderAtFault);
            opens = _openSince is null && failure.ProviderAtFault && IsTooMuch();
            if (opens)
            {
                _openSince = now;
            }

            // Of many that fail at once, one tells.
            if (opens || isTry || ((failure.IsThrottled || failure.Hint is not null) && (_nextTry is null || _nextTry < now + failure.Hint)))
            {
                var grown = options.BreakDuration * Math.Pow(2, Math.Min(_failedTries, 20));
                var pause = grown < options.MaxBreakDuration ? grown : options.MaxBreakDuration;
                _failedTries++;
                _isLeftAloneForFault = failure.ProviderAtFault;

                // A provider that asks to come at once, time and again, is not taken at its word for ever.
                _nextTry = now + (failure.Hint is { } hint && (hint > pause || _failedTries <= HintsBelieved) ? hint : pause);
            }

            if (_nextTry is null)
            {
                return failure.Hint;
            }

            wait = Hold(place);
        }

        if (opens)
        {
            LogAway(name, words, options.BreakerSamplingDuration, wait);
        }

        return wait;
    }

    /// <summary>A notification waits no longer: another provider has sent it.</summary>
    public void Forget(LinePlace place)
    {
        lock (_lock)
        {
            _line.Leave(place);
        }
    }

    private SendFailedException NotTried(LinePlace place, bool isAway, string reason)
    {
        lock (_lock)
        {
            return new SendFailedException(new SendFailure(SendFailureKind.NotTried, reason) { Hint = Hold(place), IsAway = isAway });
        }
    }

    // Until the next try, and then one after the other: the first one in the line is the try.
    private TimeSpan Hold(LinePlace place)
    {
        var now = time.GetUtcNow();
        var before = _line.Join(place);
        var start = _nextTry is { } next && next > now ? next - now : ShortestHold;
        if (_isTrying)
        {
            start += options.Timeout;
        }

        var wait = start + TimeSpan.FromSeconds(before / (options.PerSecond ?? UnlimitedDrain));
        _line.Expect(place, now + wait);
        return wait;
    }

    private void Count(DateTimeOffset now, bool failed)
    {
        _outcomes.Enqueue((now, failed));
        while (_outcomes.TryPeek(out var oldest) && (now - oldest.At > options.BreakerSamplingDuration || _outcomes.Count > MaxOutcomes))
        {
            _outcomes.Dequeue();
        }
    }

    private bool IsTooMuch() => _outcomes.Count >= options.BreakerMinimumThroughput
        && _outcomes.Count(one => one.Failed) >= options.BreakerFailureRatio * _outcomes.Count;

    [LoggerMessage(LogLevel.Warning, "{Provider}: {Words} is away: too many sends failed within {Within}. Its notifications wait, and none costs an attempt; the next try is in {Wait}")]
    private partial void LogAway(string provider, string words, TimeSpan within, TimeSpan wait);

    [LoggerMessage(LogLevel.Warning, "{Provider}: {Words} is back after {Duration}; {Waiting} notifications of this instance go out one after the other")]
    private partial void LogBack(string provider, string words, TimeSpan duration, int waiting);
}
