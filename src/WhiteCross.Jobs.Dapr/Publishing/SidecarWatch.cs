using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Whether this process's sidecar answers. While it does not, one publish at a time looks whether it is back, soon at first, since services and sidecars
/// start side by side, and then once a second; all others are spared the wait. Says once that it is away, and once that it is back.
/// </summary>
internal sealed partial class SidecarWatch(TimeProvider time, ILogger<SidecarWatch> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private long _awaySince;
    private long _answers;
    private long _lookedAt;
    private TimeSpan _pause;
    private bool _isAway;
    private bool _isLooking;

    /// <summary>Whether publishing makes sense now: the sidecar answers, or it is time to look whether it does again.</summary>
    public bool IsWorthTrying
    {
        get
        {
            lock (_lock)
            {
                return IsDue;
            }
        }
    }

    public bool IsAway
    {
        get
        {
            lock (_lock)
            {
                return _isAway;
            }
        }
    }

    /// <summary>In how long it is time to look; null when the sidecar answers, when it is time, or when somebody looks just now.</summary>
    public TimeSpan? NextLookIn
    {
        get
        {
            lock (_lock)
            {
                return IsDue || _isLooking ? null : _pause - time.GetElapsedTime(_lookedAt);
            }
        }
    }

    private bool IsDue => !_isAway || (!_isLooking && time.GetElapsedTime(_lookedAt) >= _pause);

    /// <summary>Whether the caller may publish; if so, it tells <see cref="Answered"/> or <see cref="Failed"/> what came of it.</summary>
    /// <param name="answers">How many answers there were before.</param>
    public bool TryBegin(out long answers)
    {
        lock (_lock)
        {
            answers = _answers;
            if (!IsDue)
            {
                return false;
            }

            _isLooking = _isAway;
            return true;
        }
    }

    /// <summary>A publish succeeded.</summary>
    public void Answered(string topic)
    {
        TimeSpan? away;
        bool isTakenAgain;
        lock (_lock)
        {
            away = IsBack();
            isTakenAgain = _refused.Remove(topic);
        }

        LogIfBack(away);
        if (isTakenAgain)
        {
            LogTaken(topic);
        }
    }

    /// <summary>A publish failed; its events may or may not have gone out.</summary>
    public void Failed(string topic, long answers, Exception exception)
    {
        if (IsSilence(exception))
        {
            bool isNews;
            lock (_lock)
            {
                if (answers != _answers)
                {
                    // A later one was answered, or this one was under way when the sidecar came back.
                    return;
                }

                isNews = !_isAway;
                _awaySince = isNews ? time.GetTimestamp() : _awaySince;
                _lookedAt = time.GetTimestamp();
                if (isNews)
                {
                    _pause = FirstPause;
                }
                else if (_isLooking)
                {
                    // Not for those that were under way when it went.
                    _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
                }

                (_isAway, _isLooking) = (true, false);
            }

            if (isNews)
            {
                LogAway(exception);
            }

            return;
        }

        // It answered, and said no: a topic that it may not publish to, or a broker that does not answer it.
        TimeSpan? away;
        bool isFirst;
        lock (_lock)
        {
            away = IsBack();
            isFirst = _refused.Add(topic);
        }

        LogIfBack(away);
        if (isFirst)
        {
            LogRefused(exception, topic);
        }
    }

    /// <summary>Under the lock: takes note that the sidecar answers; for how long it had not, if it had not.</summary>
    private TimeSpan? IsBack()
    {
        TimeSpan? away = _isAway ? time.GetElapsedTime(_awaySince) : null;
        (_isAway, _isLooking) = (false, false);
        _answers++;
        return away;
    }

    private static bool IsSilence(Exception exception) => exception switch
    {
        OperationCanceledException or HttpRequestException or TimeoutException => true,
        RpcException rpc => rpc.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled,
        DaprException { InnerException: { } inner } => IsSilence(inner),
        _ => false,
    };

    private void LogIfBack(TimeSpan? away)
    {
        if (away is { } duration)
        {
            LogBack(duration);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sidecar does not answer: events stay owed on record until it does. Jobs are added all the same")]
    private partial void LogAway(Exception exception);

    [LoggerMessage(LogLevel.Information, "The sidecar answers again after {Duration}; what is owed goes out now")]
    private partial void LogBack(TimeSpan duration);

    [LoggerMessage(LogLevel.Warning, "The sidecar does not publish to topic {Topic}; its events stay owed on record and are tried again")]
    private partial void LogRefused(Exception exception, string topic);

    [LoggerMessage(LogLevel.Information, "The sidecar publishes to topic {Topic} again")]
    private partial void LogTaken(string topic);
}
