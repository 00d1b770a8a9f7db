namespace WhiteCross.Jobs.Client;

/// <summary>A job is not valid, and was not added.</summary>
public sealed class JobsValidationException : Exception
{
    /// <summary>Creates the exception.</summary>
    public JobsValidationException()
        : this(new Dictionary<string, string[]>())
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    public JobsValidationException(string message)
        : base(message) => Errors = new Dictionary<string, string[]>();

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What lies behind it.</param>
    public JobsValidationException(string message, Exception? innerException)
        : base(message, innerException) => Errors = new Dictionary<string, string[]>();

    /// <summary>Creates the exception.</summary>
    /// <param name="errors">What is wrong, by the path of the field in the job's envelope.</param>
    public JobsValidationException(IReadOnlyDictionary<string, string[]> errors)
        : base($"The job is not valid. {string.Join(' ', errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"))}") => Errors = errors;

    /// <summary>What is wrong, by the path of the field in the job's envelope, for example <c>data.recipientId</c>.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }
}

/// <summary>A job that was waited for has been removed before it had ended.</summary>
public sealed class JobsRemovedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public JobsRemovedException()
        : this("The job has been removed before it had ended.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public JobsRemovedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What lies behind it.</param>
    public JobsRemovedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal JobsRemovedException(string queue, string jobId)
        : base($"Job '{jobId}' of {queue} has been removed before it had ended, or is forgotten: how it ended is not known.")
    {
    }
}

/// <summary>The queues cannot be reached, or cannot take jobs now. Trying again may help, and is safe with the same job id.</summary>
public sealed class JobsUnavailableException : Exception
{
    /// <summary>Whether it is unknown if what was asked for was done; else it surely was not. Default: false.</summary>
    public bool IsOutcomeUnknown { get; init; }

    /// <summary>The id of the job that was to be added: adding the same with it again adds no second job. Null where it was about none, or many.</summary>
    public string? JobId { get; init; }

    /// <summary>Creates the exception.</summary>
    public JobsUnavailableException()
        : this("The queues cannot be reached.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public JobsUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What lies behind it.</param>
    public JobsUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
