using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WhiteCross.MessageDelivery.Migrations.Postgres
{
    /// <summary>
    /// Keeps beside a copy what the notification service has not been told yet: that its user has read the message, or is not shown it any more. What was
    /// read or deleted before was passed on before.
    /// </summary>
    public partial class KeepNoticesOfCopies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "notice",
                table: "message_copies",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_message_copies_notice",
                table: "message_copies",
                columns: new[] { "user_id", "message_id" },
                filter: "notice IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_message_copies_notice",
                table: "message_copies");

            migrationBuilder.DropColumn(
                name: "notice",
                table: "message_copies");
        }
    }
}
