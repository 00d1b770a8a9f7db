using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification;

/// <summary>Enters receipts in the records of jobs, as long as those are kept. The notification knows in any case.</summary>
internal sealed partial class JobReceipts(IJobReader jobs, IJobControl control, ILogger<JobReceipts> logger)
{
    public async Task EnterAsync(NotificationDelivery delivery, Receipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            var record = await jobs.GetAsync(MessageNotificationApp.AppId, delivery.JobId, cancellationToken);
            if (record is null)
            {
                return;
            }

            // A job that failed since nobody could tell has no result yet: now somebody can.
            var result = record.Result is { ValueKind: JsonValueKind.Object } before ? JsonObject.Create(before)! : new JsonObject
            {
                ["notificationId"] = delivery.NotificationId,
                ["channel"] = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{delivery.Channel}"),
            };
            result["result"] = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{receipt.State}");
            result["reason"] = receipt.Code;
            result["at"] = receipt.At;
            await control.AmendResultAsync(MessageNotificationApp.AppId, delivery.JobId, JsonSerializer.SerializeToUtf8Bytes(result), cancellationToken);
        }
        catch (JobStoreUnavailableException exception)
        {
            LogNotEntered(exception, delivery.NotificationId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What became of notification {NotificationId} is on its own record, but not on its job's: the job store is away")]
    private partial void LogNotEntered(Exception exception, Guid notificationId);
}
