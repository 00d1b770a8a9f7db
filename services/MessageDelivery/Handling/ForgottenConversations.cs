using Microsoft.EntityFrameworkCore;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Has the index forget conversations that nobody is shown any more. Search asks what its user may read anyhow; this takes the words out of the index long
/// before the clean-up comes by.
/// </summary>
internal sealed class ForgottenConversations(MessagesDbContext database, IFollowUpJobs followUps)
{
    private const int AtOnce = 1000;

    public async Task ForgetIfGoneAsync(ConversationChange change, Guid conversation, CancellationToken cancellationToken)
    {
        if (change != ConversationChange.Gone)
        {
            return;
        }

        var last = Guid.Empty;
        while (true)
        {
            var ids = await database.Messages.Where(message => message.ConversationId == conversation && message.Id.CompareTo(last) > 0)
                .OrderBy(message => message.Id).Select(message => message.Id).Take(AtOnce).ToListAsync(cancellationToken);
            await followUps.ForgetAsync(ids, cancellationToken);
            if (ids.Count < AtOnce)
            {
                return;
            }

            last = ids[^1];
        }
    }
}
