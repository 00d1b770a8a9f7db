using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Mails to one user that come within minutes of another: the first goes at once, and the rest as one mail, which is a job of its own. A notification that
/// is gathered ends its job; what becomes of the mail becomes of it.
/// </summary>
internal sealed class DigestMails(
    DigestStore store, PreferenceStore preferences, DeliveryStore deliveries, IJobPublisher publisher, IOptionsMonitor<QueueOptions> queues, IOptions<NotificationOptions> options, TimeProvider time)
{
    private const string NoteName = "digest";
    private const string JobIdPrefix = "digest:";

    /// <summary>Whether a mail waits for others, to go with them.</summary>
    public async Task<bool> GatherAsync(SendAttempt attempt, NotificationPreferences? wishes, CancellationToken cancellationToken)
    {
        var data = attempt.Data;
        var window = WindowOf(wishes);

        // A mail of its own making, with an own address or files, is no entry of a list; and a digest itself is not gathered.
        if (window <= TimeSpan.Zero || data.Type != NotificationType.Email || attempt.IsUrgent || data.Priority == NotificationPriority.High
            || data.EmailPayload?.Attachments is { Count: > 0 } || data.InitiatedBy == MessageNotificationApp.AppId
            || await attempt.Job.FindNoteAsync<DigestNote>(NoteName, cancellationToken) is not null)
        {
            return false;
        }

        var id = attempt.NotificationId;
        var entry = new DigestEntry { NotificationId = id, DigestId = default, Title = data.Title, Text = data.Message, CreatedAt = attempt.Job.Info.CreatedAt };
        if (await store.JoinAsync(entry, data.RecipientId, (int)(data.Category ?? 0), window, cancellationToken) is not { } digest)
        {
            // A later run of the same job must not find that it is too late to be the first.
            await attempt.Job.KeepNoteAsync(NoteName, new DigestNote(true), cancellationToken);
            return false;
        }

        await deliveries.SetDigestAsync(id, digest.Id, data.RecipientEmail!, cancellationToken);
        await AddJobAsync(digest, data, cancellationToken);
        return true;
    }

    /// <summary>Whether a job is a mail that is made of others.</summary>
    public static bool IsDigest(Job<SendNotificationJob> job) => job.Data.InitiatedBy == MessageNotificationApp.AppId && job.Id.StartsWith(JobIdPrefix, StringComparison.Ordinal);

    /// <summary>What a mail says that is made of others.</summary>
    /// <returns>Null when none of them is to be sent any more: they were read, or removed with their messages.</returns>
    public async Task<SendNotificationJob?> ContentAsync(Guid id, SendNotificationJob data, CancellationToken cancellationToken)
    {
        var wishes = await preferences.FindAsync(data.RecipientId, cancellationToken);
        return await store.CloseAsync(id, WindowOf(wishes), cancellationToken) switch
        {
            [] => null,
            [var one] => data with { Title = one.Title, Message = one.Text },
            var entries => data with { EmailPayload = Compose(entries) },
        };
    }

    /// <summary>The notifications that go in a mail.</summary>
    public Task<IReadOnlyList<NotificationDelivery>> FindGatheredAsync(Guid digestId, CancellationToken cancellationToken) =>
        deliveries.FindDigestedAsync(digestId, cancellationToken);

    /// <summary>Forgets what they said.</summary>
    public Task ForgetAsync(Guid digestId, CancellationToken cancellationToken) => store.RemoveEntriesAsync(digestId, cancellationToken);

    private TimeSpan WindowOf(NotificationPreferences? wishes) =>
        wishes?.DigestMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : options.Value.DigestWindow ?? TimeSpan.Zero;

    private EmailPayload Compose(IReadOnlyList<DigestEntry> entries)
    {
        var (html, text) = (new StringBuilder("<!DOCTYPE html><html><body>"), new StringBuilder());
        foreach (var entry in entries)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{WebUtility.HtmlEncode(entry.Title)}</h2><p>{WebUtility.HtmlEncode(entry.Text).ReplaceLineEndings("<br>")}</p>");
            text.Append(CultureInfo.InvariantCulture, $"{entry.Title}\n{entry.Text}\n\n");
        }

        return new EmailPayload
        {
            Subject = options.Value.DigestSubject.Replace("{count}", entries.Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
            HtmlBody = html.Append("</body></html>").ToString(),
            TextBody = text.ToString().TrimEnd(),
        };
    }

    private async Task AddJobAsync(Digest digest, SendNotificationJob data, CancellationToken cancellationToken)
    {
        var queue = queues.Get(MessageNotificationApp.AppId);
        var mail = new SendNotificationJob
        {
            NotificationId = digest.Id,
            RecipientId = data.RecipientId,
            Type = NotificationType.Email,
            Category = data.Category,
            RecipientEmail = data.RecipientEmail,
            Title = options.Value.DigestSubject,
            Message = options.Value.DigestSubject,
            InitiatedBy = MessageNotificationApp.AppId,
        };
        using var span = JobTelemetry.StartAdd(MessageNotificationApp.AppId, SendNotificationJob.JobType);
        var job = NewJobFactory.Create($"{JobIdPrefix}{digest.Id:D}", mail, JobsJsonContext.Default.SendNotificationJob, queue, JobTelemetry.TraceParent(span));
        var delay = digest.EndsAt - time.GetUtcNow();
        await publisher.AddAsync(MessageNotificationApp.AppId, job with { Delay = delay > TimeSpan.Zero ? delay : TimeSpan.Zero }, cancellationToken);
    }

    private sealed record DigestNote(bool IsFirst);
}
