using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>Reads exceptions of handlers, whose own code may fail in its turn.</summary>
internal static class ExceptionText
{
    private const int DeepestCause = 10;

    public static JobError ErrorOf(Exception exception, string code) => new($"{exception.GetType().Name}: {MessageOf(exception)}", StackOf(exception), code);

    public static string? StackOf(Exception exception) => Read(() => exception.StackTrace);

    /// <summary>Whether the job store's trouble lies behind it.</summary>
    public static bool IsStoreTrouble(Exception exception)
    {
        var cause = exception;
        for (var depth = 0; cause is not null && depth < DeepestCause; depth++)
        {
            if (cause is JobStoreUnavailableException)
            {
                return true;
            }

            cause = cause.InnerException;
        }

        return false;
    }

    private static string MessageOf(Exception exception) => Read(() => exception.Message) ?? "(its message cannot be read)";

    private static string? Read(Func<string?> text)
    {
        try
        {
            return text();
        }
#pragma warning disable CA1031 // What an exception says of itself is a help, not part of the outcome.
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }
}
