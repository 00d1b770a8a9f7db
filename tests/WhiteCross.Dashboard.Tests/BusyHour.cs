using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Dashboard.Tests;

/// <summary>An hour of a clinic's messages on record: mostly well, one provider in trouble, a batch on its way.</summary>
internal sealed class BusyHour(InMemoryJobStore store, ShiftedTime time)
{
    public const string FailedNotification = "appointment-reminder-4711";
    public const string Batch = "flu-campaign-2026";

    private const string Stack = """
           at WhiteCross.MessageNotification.Email.SmtpSender.SendAsync(Mail mail, CancellationToken cancellationToken)
           at WhiteCross.MessageNotification.SendNotificationHandler.HandleAsync(Job`1 job, CancellationToken cancellationToken)
           at WhiteCross.Jobs.Running.QueueWorker.ExecuteAsync(RunningJob running)
        """;

    // The same pictures from the same code.
    private readonly Random _random = new(7);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task RecordAsync()
    {
        for (var minute = 59; minute >= 1; minute--)
        {
            var rush = minute is > 20 and < 32 ? 3 : 1;
            await CompleteAsync("message-delivery", "send-message", minute, 6 * rush, 40, 160);
            await CompleteAsync("message-notification", "send-notification", minute, 3 * rush, 120, 900);
            await CompleteAsync("message-indexing", "index-message", minute, 4 * rush, 5, 40);
            await CompleteAsync("message-encryption", "encrypt-decrypt", minute, 2 * rush, 2, 9);
            if (minute is > 8 and < 19)
            {
                await FailAsync("message-notification", "send-notification", minute, $"reminder-{minute}", "The SMTP server at mail.clinic.example answers 421: too many connections.");
            }

            if (minute % 13 == 0)
            {
                await FailAsync("message-delivery", "send-message", minute, $"message-{minute}", "recipientId: there is nobody of this id.");
            }
        }

        await CompleteAsync("message-cleanup", "cleanup-messages", 40, 1, 42_000, 43_000);
        await FailSlowlyAsync();
    }

    /// <summary>What goes on at the moment.</summary>
    public async Task BeginAsync()
    {
        time.Back = TimeSpan.Zero;
        await AddAsync("batch-message-sending", "batch-send", Batch);
        var run = await BeginAsync("batch-message-sending", Batch);
        await store.ReportAsync(
            "batch-message-sending",
            [new RunReport(run.Key) { Progress = JsonSerializer.SerializeToUtf8Bytes(new JobProgress(62.5, "sending", 25, 40), JobsJsonContext.Default.JobProgress) }],
            Cancellation);
        for (var i = 0; i < 4; i++)
        {
            await AddAsync("message-notification", "send-notification", $"reminder-later-{i}", delay: TimeSpan.FromMinutes(20 + i));
        }
    }

    private async Task FailSlowlyAsync()
    {
        string[] errors = ["The SMTP server at mail.clinic.example does not answer within 5 s.", "The SMTP server at mail.clinic.example answers 421: too many connections.", "The SMTP server at mail.clinic.example answers 421: too many connections."];
        time.Back = TimeSpan.FromMinutes(6);
        await AddAsync("message-notification", "send-notification", FailedNotification);
        for (var attempt = 0; attempt < errors.Length; attempt++)
        {
            var run = await BeginAsync("message-notification", FailedNotification);
            await store.ReportAsync("message-notification", [new RunReport(run.Key) { Logs = [$"attempt {attempt + 1}: connecting to the mail server"], Step = attempt == 0 ? "template" : null, StepResult = "true"u8.ToArray() }], Cancellation);
            time.Back -= TimeSpan.FromSeconds(5);
            var kind = attempt == errors.Length - 1 ? RunEndKind.Failed : RunEndKind.Retry;
            await store.FinishAsync("message-notification", [new RunEnd(run.Key, kind) { Error = new JobError(errors[attempt], Stack), Delay = TimeSpan.FromSeconds(1 << attempt) }], Cancellation);
            if (kind == RunEndKind.Retry)
            {
                time.Back -= TimeSpan.FromSeconds(1 << attempt);
                await store.PromoteAsync("message-notification", FailedNotification, Cancellation);
            }
        }
    }

    private async Task CompleteAsync(string queue, string type, int minutesAgo, int jobs, int least, int most)
    {
        for (var i = _random.Next(jobs / 2, jobs + 1); i > 0; i--)
        {
            var run = await StartAsync(queue, type, minutesAgo, Guid.CreateVersion7().ToString());
            time.Back -= TimeSpan.FromMilliseconds(_random.Next(least, most));
            await store.FinishAsync(queue, [new RunEnd(run.Key, RunEndKind.Completed)], Cancellation);
        }
    }

    private async Task FailAsync(string queue, string type, int minutesAgo, string jobId, string error)
    {
        var run = await StartAsync(queue, type, minutesAgo, jobId);
        time.Back -= TimeSpan.FromMilliseconds(_random.Next(200, 2_000));
        await store.FinishAsync(queue, [new RunEnd(run.Key, RunEndKind.Failed) { Error = new JobError(error, Stack) }], Cancellation);
    }

    private async Task<JobRun> StartAsync(string queue, string type, int minutesAgo, string jobId)
    {
        time.Back = TimeSpan.FromMinutes(minutesAgo) - TimeSpan.FromSeconds(_random.Next(0, 15));
        await AddAsync(queue, type, jobId);
        return await BeginAsync(queue, jobId);
    }

    private async Task AddAsync(string queue, string type, string jobId, TimeSpan delay = default) => await store.AddAsync(
        queue,
        [new NewJob { JobId = jobId, Type = type, Data = """{"note":"what the job is about"}"""u8.ToArray(), Delay = delay, TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" }],
        Cancellation);

    private async Task<JobRun> BeginAsync(string queue, string jobId) => (await store.BeginAsync(queue, [new BeginRequest(jobId)], Cancellation))[0].Run!;
}
