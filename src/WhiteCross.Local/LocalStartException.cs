namespace WhiteCross.Local;

/// <summary>The local system cannot start; the message says why and what to do.</summary>
public sealed class LocalStartException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LocalStartException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    public LocalStartException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="innerException">What lies behind it.</param>
    public LocalStartException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
