using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WhiteCross.MessageDelivery.Migrations.Sqlite
{
    /// <summary>
    /// Gives conversations members and messages a copy for each member. What was between others than a conversation's two participants goes into a
    /// conversation of its own, so that nobody becomes a member of what others say to each other. A message was received when it was sent: that is the
    /// service's own time, and not its sender's.
    /// </summary>
    public partial class KeepMembersAndCopies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_messages_age",
                table: "messages");

            migrationBuilder.DropIndex(
                name: "ix_messages_conversation",
                table: "messages");

            migrationBuilder.DropIndex(
                name: "ix_messages_inbox",
                table: "messages");

            migrationBuilder.DropIndex(
                name: "ix_messages_unread",
                table: "messages");

            migrationBuilder.DropIndex(
                name: "ix_conversations_a",
                table: "conversations");

            migrationBuilder.DropIndex(
                name: "ix_conversations_b",
                table: "conversations");

            migrationBuilder.Sql("ALTER TABLE messages ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0");
            migrationBuilder.Sql("ALTER TABLE messages ADD COLUMN named_recipient TEXT");
            migrationBuilder.Sql("ALTER TABLE conversations ADD COLUMN is_ended INTEGER NOT NULL DEFAULT 0");
            migrationBuilder.Sql("ALTER TABLE conversations ADD COLUMN title TEXT");

            migrationBuilder.CreateTable(
                name: "conversation_members",
                columns: table => new
                {
                    conversation_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    role = table.Column<int>(type: "INTEGER", nullable: false),
                    joined_at = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    left_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    cleared_position = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_conversation_members", x => new { x.conversation_id, x.user_id });
                    table.ForeignKey(
                        name: "FK_conversation_members_conversations_conversation_id",
                        column: x => x.conversation_id,
                        principalTable: "conversations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "inboxes",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    last_position = table.Column<long>(type: "INTEGER", nullable: false),
                    last_seen_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inboxes", x => x.user_id);
                });

            migrationBuilder.CreateTable(
                name: "legal_holds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    conversation_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    placed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_legal_holds", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "message_copies",
                columns: table => new
                {
                    message_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    conversation_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    received_at = table.Column<long>(type: "INTEGER", nullable: false),
                    is_own = table.Column<bool>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    sent_at = table.Column<long>(type: "INTEGER", nullable: true),
                    delivered_at = table.Column<long>(type: "INTEGER", nullable: true),
                    read_at = table.Column<long>(type: "INTEGER", nullable: true),
                    failure_reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    notify_at = table.Column<long>(type: "INTEGER", nullable: true),
                    notify_email = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_message_copies", x => new { x.message_id, x.user_id });
                    table.ForeignKey(
                        name: "FK_message_copies_messages_message_id",
                        column: x => x.message_id,
                        principalTable: "messages",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.Sql("UPDATE messages SET named_recipient = recipient_id, received_at = coalesce(sent_at, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))");
            migrationBuilder.Sql("""
                CREATE TEMP TABLE split AS
                SELECT p.conversation_id, p.a, p.b, p.first, c.deleted_at,
                  hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)) AS id
                FROM (SELECT conversation_id, min(sender_id, recipient_id) AS a, max(sender_id, recipient_id) AS b, min(created_at) AS first
                      FROM messages GROUP BY conversation_id, min(sender_id, recipient_id), max(sender_id, recipient_id)) p
                JOIN conversations c ON c.id = p.conversation_id
                WHERE NOT ((p.a = c.participant_a AND p.b = c.participant_b) OR (p.a = c.participant_b AND p.b = c.participant_a))
                """);
            migrationBuilder.Sql("INSERT INTO conversations (id, participant_a, participant_b, created_at, deleted_at) SELECT id, a, b, first, deleted_at FROM split");
            migrationBuilder.Sql("""
                UPDATE messages SET conversation_id = s.id FROM split s
                WHERE s.conversation_id = messages.conversation_id AND s.a = min(messages.sender_id, messages.recipient_id) AND s.b = max(messages.sender_id, messages.recipient_id)
                """);
            migrationBuilder.Sql("DROP TABLE split");
            migrationBuilder.Sql("""
                INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, created_at, cleared_position)
                SELECT id, participant_a, 0, created_at, created_at, 0 FROM conversations
                UNION ALL SELECT id, participant_b, 0, created_at, created_at, 0 FROM conversations WHERE participant_b <> participant_a
                """);
            migrationBuilder.Sql("""
                INSERT INTO message_copies (message_id, user_id, conversation_id, position, received_at, is_own, status, sent_at, delivered_at, read_at, failure_reason)
                SELECT message_id, user_id, conversation_id, row_number() OVER (PARTITION BY user_id ORDER BY received_at, message_id), received_at, is_own,
                  status, sent_at, delivered_at, read_at, failure_reason
                FROM (
                  SELECT id AS message_id, recipient_id AS user_id, conversation_id, received_at, 0 AS is_own, status, sent_at, delivered_at, read_at, failure_reason
                  FROM messages
                  UNION ALL
                  SELECT id, sender_id, conversation_id, received_at, 1, 4, NULL, NULL, NULL, NULL FROM messages WHERE sender_id <> recipient_id) c
                """);
            migrationBuilder.Sql("INSERT INTO inboxes (user_id, last_position) SELECT user_id, max(position) FROM message_copies GROUP BY user_id");

            foreach (var column in new[] { "recipient_id", "status", "sent_at", "delivered_at", "read_at", "failure_reason" })
            {
                migrationBuilder.Sql($"ALTER TABLE messages DROP COLUMN {column}");
            }

            migrationBuilder.Sql("ALTER TABLE messages RENAME COLUMN named_recipient TO recipient_id");
            migrationBuilder.Sql("ALTER TABLE conversations DROP COLUMN participant_a");
            migrationBuilder.Sql("ALTER TABLE conversations DROP COLUMN participant_b");

            migrationBuilder.CreateIndex(
                name: "ix_messages_in_conversation",
                table: "messages",
                columns: new[] { "conversation_id", "received_at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "ix_messages_received",
                table: "messages",
                columns: new[] { "received_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_messages_sender",
                table: "messages",
                columns: new[] { "sender_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_attachments_uploader",
                table: "attachments",
                column: "uploader_id");

            migrationBuilder.CreateIndex(
                name: "ix_conversation_members_user",
                table: "conversation_members",
                columns: new[] { "user_id", "created_at", "conversation_id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "ix_legal_holds_conversation",
                table: "legal_holds",
                column: "conversation_id",
                unique: true,
                filter: "conversation_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_legal_holds_user",
                table: "legal_holds",
                column: "user_id",
                unique: true,
                filter: "user_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_message_copies_inbox",
                table: "message_copies",
                columns: new[] { "user_id", "received_at", "message_id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "ix_message_copies_notify",
                table: "message_copies",
                columns: new[] { "notify_at", "message_id" },
                filter: "notify_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_message_copies_position",
                table: "message_copies",
                columns: new[] { "user_id", "position" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_message_copies_unread",
                table: "message_copies",
                columns: new[] { "user_id", "received_at", "message_id" },
                descending: new[] { false, true, true },
                filter: "status < 4");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new NotSupportedException("Messages to several members have no place in the schema before; restore the backup that was made before the migration.");
    }
}
