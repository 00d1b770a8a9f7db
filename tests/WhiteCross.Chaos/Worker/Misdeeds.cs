using System.Text.Json;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Worker;

/// <summary>What handlers do that they should not. Each ends its attempt, and nothing else.</summary>
internal static class Misdeeds
{
    /// <summary>How many there are.</summary>
    public const int Count = 8;

    private const int ManyLines = 400;

    private static readonly string LongLine = new('x', 100_000);

    public static async Task<JobOutcome> CommitAsync(int which, Job<SendNotificationJob> job)
    {
        switch (which)
        {
            case 0:
                throw new UnreadableException();
            case 1:
                throw new InvalidOperationException(string.Concat(Enumerable.Repeat(LongLine, 20)));
            case 2:
                return null!;
            case 3:
                using (var document = JsonDocument.Parse("""{"page":3}"""))
                {
                    await job.ReportProgressAsync(50, data: document.RootElement);
                }

                throw new OperationCanceledException("Nobody asked for it.");
            case 4:
                JsonElement disposed;
                using (var document = JsonDocument.Parse("""{"page":3}"""))
                {
                    disposed = document.RootElement;
                }

                await job.ReportProgressAsync(50, data: disposed);
                break;
            case 5:
                for (var i = 0; i < ManyLines; i++)
                {
                    await job.LogAsync(LongLine);
                }

                break;
            case 6:
                // A handler that blocks its thread.
                Task.Delay(TimeSpan.FromMilliseconds(300)).Wait();
                break;
            default:
                return new JobOutcome.Retry(null!, TimeSpan.MinValue);
        }

        throw new InvalidOperationException("It misbehaves by design.");
    }

    private sealed class UnreadableException : Exception
    {
        public override string Message => throw new InvalidOperationException("It cannot be read.");

        public override string? StackTrace => throw new InvalidOperationException("It cannot be read.");

        public override string ToString() => throw new InvalidOperationException("It cannot be read.");
    }
}
