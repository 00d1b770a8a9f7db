namespace WhiteCross.Cli;

/// <summary>What the tool's exit says to a script.</summary>
internal static class ExitCodes
{
    /// <summary>It was done.</summary>
    public const int Ok = 0;

    /// <summary>The job that was waited for or tailed failed; of a watched batch, any message did.</summary>
    public const int JobFailed = 1;

    /// <summary>Wrong usage or input, or the job's state does not allow it; nothing was changed.</summary>
    public const int WrongInput = 2;

    /// <summary>There is no such queue, job, retry, batch or schedule.</summary>
    public const int NotFound = 3;

    /// <summary>The gateway cannot be reached or cannot serve now; of <c>wc health</c> also: a queue is unhealthy.</summary>
    public const int Unavailable = 4;

    /// <summary>The key is missing, not known, or its role does not suffice.</summary>
    public const int NotAllowed = 5;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>The same for <c>--help</c>.</summary>
    public const string Help =
        """
        Exit codes:
          0    done
          1    the job that was waited for or tailed failed; of a watched batch, a message
          2    wrong usage or input, or the job's state does not allow it
          3    no such queue, job, retry, batch or schedule
          4    the gateway cannot be reached or serve now; of `wc health`: unhealthy
          5    not allowed: no key, an unknown one, or its role does not suffice
          130  interrupted
        """;
}
