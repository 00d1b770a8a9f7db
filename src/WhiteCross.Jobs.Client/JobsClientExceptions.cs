using System.Net;
using System.Text.Json;
using WhiteCross.Jobs.Client.Transport;

namespace WhiteCross.Jobs.Client;

/// <summary>A job, or another request, is not valid; nothing was added or changed.</summary>
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

    internal JobsValidationException(IReadOnlyDictionary<string, string[]> errors, GatewayProblem problem)
        : base($"The request is not valid. {string.Join(' ', errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"))}") => (Errors, Problem) = (errors, problem);

    /// <summary>What is wrong, by the path of the field in the job's envelope, for example <c>data.recipientId</c>, or by the name of what else was asked with.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    /// <summary>What the gateway said; null where it was not asked.</summary>
    internal GatewayProblem? Problem { get; }
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

    /// <summary>In which way.</summary>
    internal UnavailableKind Kind { get; init; }

    /// <summary>What the gateway said; null where nothing of it came.</summary>
    internal GatewayProblem? Problem { get; init; }

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

/// <summary>
/// The gateway does not do what was asked, and trying again will not help: there is no such job or queue (404), the job's state does not allow it (409), or the key
/// is missing or its role does not suffice (401, 403).
/// </summary>
public sealed class JobsRefusedException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    public JobsRefusedException()
        : this("The queues refused the request.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public JobsRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What lies behind it.</param>
    public JobsRefusedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal JobsRefusedException(GatewayProblem problem)
        : base($"The queues refused the request: {(int)problem.Status}{(problem.Text is { } text ? $", {text}" : ".")}") =>
        (StatusCode, Title, Detail, Problem, Said) = (problem.Status, problem.Title, problem.Detail, problem.Json, problem);

    /// <summary>The answer's status; 0 where there was none.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>What it is called, in the words of the gateway's problem details; null where it gave none.</summary>
    public string? Title { get; }

    /// <summary>What it is in this case; null where that is not told.</summary>
    public string? Detail { get; }

    /// <summary>The gateway's problem details (RFC 9457) as they came; null where it gave none.</summary>
    public JsonElement? Problem { get; }

    /// <summary>The same, read.</summary>
    internal GatewayProblem? Said { get; }
}
