namespace WhiteCross.Jobs;

/// <summary>Says that another attempt cannot help: the job fails at once.</summary>
public sealed class PermanentJobException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PermanentJobException()
        : this("The job can never succeed.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, in words that hold no content, address or key.</param>
    public PermanentJobException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, in words that hold no content, address or key.</param>
    /// <param name="innerException">What lies behind it.</param>
    public PermanentJobException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
