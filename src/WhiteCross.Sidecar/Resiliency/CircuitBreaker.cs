namespace WhiteCross.Sidecar.Resiliency;

/// <summary>A circuit breaker with Dapr's counters: closed, open for a time, half-open for some calls.</summary>
internal sealed class CircuitBreaker(CircuitBreakerSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _since = time.GetTimestamp();
    private bool _isOpen;
    private bool _isHalfOpen;
    private long _requests;
    private long _totalSuccesses;
    private long _totalFailures;
    private long _consecutiveSuccesses;
    private long _consecutiveFailures;

    /// <summary>Lets a call through, or not.</summary>
    /// <exception cref="CircuitOpenException">It is open.</exception>
    public void Enter()
    {
        lock (_gate)
        {
            var elapsed = time.GetElapsedTime(_since);
            if (_isOpen && elapsed >= settings.Timeout)
            {
                (_isOpen, _isHalfOpen) = (false, true);
                Clear();
            }
            else if (!_isOpen && !_isHalfOpen && settings.Interval > TimeSpan.Zero && elapsed >= settings.Interval)
            {
                Clear();
            }

            if (_isOpen || (_isHalfOpen && _requests >= settings.MaxRequests))
            {
                throw new CircuitOpenException();
            }

            _requests++;
        }
    }

    /// <summary>Notes how a call ended that was let through.</summary>
    public void Leave(bool isSuccess)
    {
        lock (_gate)
        {
            if (isSuccess)
            {
                _totalSuccesses++;
                _consecutiveSuccesses++;
                _consecutiveFailures = 0;
                if (_isHalfOpen && _consecutiveSuccesses >= settings.MaxRequests)
                {
                    _isHalfOpen = false;
                    Clear();
                }

                return;
            }

            _totalFailures++;
            _consecutiveFailures++;
            _consecutiveSuccesses = 0;
            if (_isHalfOpen || settings.Trip.IsTrue(Value))
            {
                (_isOpen, _isHalfOpen) = (true, false);
                Clear();
            }
        }
    }

    private object? Value(string variable) => variable switch
    {
        "requests" => _requests,
        "totalSuccesses" => _totalSuccesses,
        "totalFailures" => _totalFailures,
        "consecutiveSuccesses" => _consecutiveSuccesses,
        _ => _consecutiveFailures,
    };

    private void Clear()
    {
        _since = time.GetTimestamp();
        _requests = _totalSuccesses = _totalFailures = _consecutiveSuccesses = _consecutiveFailures = 0;
    }
}

/// <summary>A circuit breaker is open: the call was not made, and is not retried.</summary>
public sealed class CircuitOpenException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CircuitOpenException()
        : base("The circuit breaker is open.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public CircuitOpenException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What lies behind it.</param>
    public CircuitOpenException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
