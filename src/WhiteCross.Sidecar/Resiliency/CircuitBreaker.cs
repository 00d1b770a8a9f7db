using WhiteCross.Sidecar.Cel;

namespace WhiteCross.Sidecar.Resiliency;

/// <summary>The states of a circuit breaker.</summary>
public enum CircuitState
{
    /// <summary>Calls go through and are counted.</summary>
    Closed,

    /// <summary>A few calls go through to try.</summary>
    HalfOpen,

    /// <summary>No call goes through.</summary>
    Open,
}

/// <summary>
/// A circuit breaker that counts as Dapr's does: counters begin anew with each state and each interval, and the outcome of a call that began
/// before that counts no more. The trip is looked at after each failure while closed; one failure while half-open opens it again.
/// </summary>
public sealed class CircuitBreaker
{
    private readonly Lock _lock = new();
    private readonly CircuitBreakerPolicy _policy;
    private readonly TimeProvider _time;
    private CircuitState _state;
    private Counts _counts;
    private long _generation;
    private DateTimeOffset? _expiry;

    internal CircuitBreaker(string name, CircuitBreakerPolicy policy, TimeProvider time)
    {
        (Name, _policy, _time) = (name, policy, time);
        Begin(CircuitState.Closed, time.GetUtcNow());
    }

    /// <summary>What it guards, for logs.</summary>
    public string Name { get; }

    /// <summary>Its state now.</summary>
    public CircuitState State
    {
        get
        {
            lock (_lock)
            {
                return Advance(_time.GetUtcNow());
            }
        }
    }

    /// <summary>Asks for a call.</summary>
    /// <param name="generation">What the outcome is to be reported with.</param>
    /// <returns>Whether the call may be made.</returns>
    internal bool TryEnter(out long generation)
    {
        lock (_lock)
        {
            var state = Advance(_time.GetUtcNow());
            generation = _generation;
            if (state == CircuitState.Open || (state == CircuitState.HalfOpen && _counts.Requests >= _policy.MaxRequests))
            {
                return false;
            }

            _counts = _counts with { Requests = _counts.Requests + 1 };
            return true;
        }
    }

    /// <summary>Reports the outcome of a call.</summary>
    internal void Leave(long generation, bool success)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var state = Advance(now);
            if (generation != _generation)
            {
                return;
            }

            if (success)
            {
                _counts = _counts.Succeeded();
                if (state == CircuitState.HalfOpen && _counts.ConsecutiveSuccesses >= _policy.MaxRequests)
                {
                    Begin(CircuitState.Closed, now);
                }
            }
            else
            {
                _counts = _counts.Failed();
                if (state == CircuitState.HalfOpen || (state == CircuitState.Closed && Trips()))
                {
                    Begin(CircuitState.Open, now);
                }
            }
        }
    }

    private bool Trips()
    {
        try
        {
            return _policy.Trip.IsTrue(name => _counts.Variable(name));
        }
        catch (CelEvaluationException)
        {
            // As in Dapr: a trip without a value does not trip.
            return false;
        }
    }

    private CircuitState Advance(DateTimeOffset now)
    {
        if (_expiry is { } expiry && expiry < now)
        {
            switch (_state)
            {
                case CircuitState.Closed:
                    Begin(CircuitState.Closed, now);
                    break;
                case CircuitState.Open:
                    Begin(CircuitState.HalfOpen, now);
                    break;
                default:
                    break;
            }
        }

        return _state;
    }

    private void Begin(CircuitState state, DateTimeOffset now)
    {
        _state = state;
        _generation++;
        _counts = default;
        _expiry = state switch
        {
            CircuitState.Closed when _policy.Interval > TimeSpan.Zero => now + _policy.Interval,
            CircuitState.Open => now + _policy.Timeout,
            _ => null,
        };
    }

    private readonly record struct Counts(
        long Requests, long TotalSuccesses, long TotalFailures, long ConsecutiveSuccesses, long ConsecutiveFailures)
    {
        public Counts Succeeded() => this with
        {
            TotalSuccesses = TotalSuccesses + 1,
            ConsecutiveSuccesses = ConsecutiveSuccesses + 1,
            ConsecutiveFailures = 0,
        };

        public Counts Failed() => this with
        {
            TotalFailures = TotalFailures + 1,
            ConsecutiveFailures = ConsecutiveFailures + 1,
            ConsecutiveSuccesses = 0,
        };

        public long Variable(string name) => name switch
        {
            "requests" => Requests,
            "totalSuccesses" => TotalSuccesses,
            "totalFailures" => TotalFailures,
            "consecutiveSuccesses" => ConsecutiveSuccesses,
            _ => ConsecutiveFailures,
        };
    }
}
