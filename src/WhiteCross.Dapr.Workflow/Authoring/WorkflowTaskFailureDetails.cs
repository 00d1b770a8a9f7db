namespace Dapr.Workflow;

/// <summary>Why an activity or a workflow failed.</summary>
/// <param name="errorType">The full name of the exception's type, where it was thrown.</param>
/// <param name="errorMessage">The exception's message.</param>
/// <param name="stackTrace">The exception's stack trace, when there is one.</param>
public class WorkflowTaskFailureDetails(string errorType, string errorMessage, string? stackTrace = null)
{
    /// <summary>The full name of the exception's type, where it was thrown.</summary>
    public string ErrorType { get; } = errorType ?? throw new ArgumentNullException(nameof(errorType));

    /// <summary>The exception's message.</summary>
    public string ErrorMessage { get; } = errorMessage ?? throw new ArgumentNullException(nameof(errorMessage));

    /// <summary>The exception's stack trace, when there is one.</summary>
    public string? StackTrace { get; } = stackTrace;

    /// <summary>
    /// Whether the failure came from an exception of a type. The type is looked up by its full name, so only types of the base library and of this
    /// assembly's references by assembly-qualified name are found; compare <see cref="ErrorType"/> for others.
    /// </summary>
    /// <typeparam name="T">The exception's type; derived types count.</typeparam>
    public bool IsCausedBy<T>()
        where T : Exception
    {
        if (string.Equals(ErrorType, typeof(T).FullName, StringComparison.Ordinal))
        {
            return true;
        }

        return Type.GetType(ErrorType, throwOnError: false) is { } type && typeof(T).IsAssignableFrom(type);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";
}
