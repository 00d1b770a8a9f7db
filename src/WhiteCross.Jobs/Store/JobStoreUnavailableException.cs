namespace WhiteCross.Jobs.Store;

/// <summary>The job store does not answer. Whether the call has taken effect is unknown unless <see cref="IsWithoutEffect"/> says so; it can be repeated.</summary>
public sealed class JobStoreUnavailableException : Exception
{
    /// <summary>Whether the call is known to have changed nothing: it never left, or the store refused it. Default: false, it is unknown.</summary>
    public bool IsWithoutEffect { get; init; }

    /// <summary>Whether the store is there and has no room left: it refuses what adds something, and takes what makes room.</summary>
    public bool IsFull { get; init; }

    /// <summary>Creates the exception.</summary>
    public JobStoreUnavailableException()
        : base("The job store does not answer.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    public JobStoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What lies behind it.</param>
    public JobStoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
